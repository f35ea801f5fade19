#include "common/catalog/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "common/catalog/catalog_url.h"
#include "common/catalog/database.h"
#include "common/catalog/schema.h"

namespace mirrorway::catalog {
namespace {

constexpr Statement kState{"read the state", "SELECT generation, changed_at FROM catalog_state"};
constexpr Statement kSites{"read sites",
                           "SELECT id, name, url, is_active, is_private, comment "
                           "FROM site ORDER BY name"};
constexpr Statement kHosts{
    "read hosts",
    "SELECT id, site_id, name, is_active, is_private, is_monopoly, is_last_resort, is_research, "
    "serves_research, any_netblocks, serves_own_asn, country, city, latitude, longitude, "
    "bandwidth_mbps, asn, "
    "comment "
    "FROM host ORDER BY id"};
constexpr Statement kHostAsns{"read ASNs of hosts",
                              "SELECT host_id, asn FROM host_asn ORDER BY host_id, asn"};
constexpr Statement kHostNetblocks{"read netblocks of hosts",
                                   "SELECT host_id, netblock FROM host_netblock"};
constexpr Statement kHostAllowedCountries{
    "read allowed countries of hosts",
    "SELECT host_id, country FROM host_allowed_country ORDER BY host_id, country"};
constexpr Statement kHostClouds{"read clouds of hosts",
                                "SELECT host_id, provider, region FROM host_cloud"};
constexpr Statement kCategories{"read categories",
                                "SELECT id, name, top_directory FROM category ORDER BY name"};
constexpr Statement kCarriages{
    "read carriages",
    "SELECT id, host_id, category_id, is_always_up_to_date FROM host_category ORDER BY id"};
constexpr Statement kCarriageUrls{
    "read URLs",
    "SELECT host_category_id, url FROM host_category_url ORDER BY host_category_id, url"};
constexpr Statement kDirectories{"read directories",
                                 "SELECT id, path, category_id FROM directory ORDER BY path"};
// An order would cost a walk from the index into the table for each row.
constexpr Statement kAllDirectories{"read directories",
                                    "SELECT id, path, category_id FROM directory"};
constexpr Statement kFiles{
    "read files",
    "SELECT directory_id, name, size, timestamp, md5, sha1, sha256, sha512 FROM file_detail "
    "ORDER BY directory_id, name, timestamp DESC, id DESC"};
// In the order of the primary key, so that nothing is sorted, and without a join: it is the one
// statement whose cost per row matters.
constexpr Statement kUpToDate{"read up-to-date directories",
                              "SELECT directory_id, host_category_id FROM host_category_directory "
                              "WHERE is_up_to_date = 1 ORDER BY directory_id, host_category_id"};
constexpr Statement kRepositories{
    "read repositories",
    "SELECT id, name, architecture, directory_id, is_disabled FROM repository "
    "ORDER BY name, architecture"};
constexpr Statement kRedirects{
    "read redirects", "SELECT from_name, to_name FROM repository_redirect ORDER BY from_name"};
constexpr Statement kCountries{
    "read countries",
    "SELECT c.code, c.continent, o.continent FROM country c "
    "LEFT JOIN country_continent_override o ON o.country = c.code ORDER BY c.code"};
constexpr Statement kNetblockCountries{"read countries of netblocks",
                                       "SELECT netblock, country FROM netblock_country"};
constexpr Statement kResearchNetblocks{"read research networks",
                                       "SELECT netblock FROM research_netblock"};

std::unique_ptr<Database> open_for_reading(std::string_view url) {
  auto database = std::make_unique<Database>(parse_catalog_url(url).or_throw("opening the catalog"),
                                             Access::kRead);
  database->begin(Access::kRead);
  require_current_schema(*database);
  return database;
}

// The rows by id, for hanging details on them.
template <typename Row>
auto index_by_id(std::vector<Row>& rows) {
  std::unordered_map<decltype(Row::id), Row*> index;
  for (Row& row : rows) index.emplace(row.id, &row);
  return index;
}

// Foreign keys are only as good as the program that wrote last: a shell has them off.
template <typename Index, typename Id>
auto& find_owner(const Index& index, Id id, std::string_view table) {
  const auto found = index.find(id);
  if (found == index.end())
    throw base::Error("the catalog is damaged: table {} has rows of id {}, which does not exist",
                      table, static_cast<std::int64_t>(id));
  return *found->second;
}

}  // namespace

CatalogReader::CatalogReader(std::string_view url) : database_(open_for_reading(url)) {}

CatalogReader::CatalogReader(std::unique_ptr<Database> database) : database_(std::move(database)) {}

CatalogReader::~CatalogReader() = default;

State CatalogReader::state() const {
  const auto rows = database_->select(kState, &State::generation, &State::changed_at);
  if (rows.size() != 1) throw base::Error("the catalog has {} states, not one", rows.size());
  return rows.front();
}

std::vector<Site> CatalogReader::sites() const {
  return database_->select(kSites, &Site::id, &Site::name, &Site::url, &Site::is_active,
                           &Site::is_private, &Site::comment);
}

std::vector<Host> CatalogReader::hosts() const {
  auto hosts = database_->select(
      kHosts, &Host::id, &Host::site, &Host::name, &Host::is_active, &Host::is_private,
      &Host::is_monopoly, &Host::is_last_resort, &Host::is_research, &Host::serves_research,
      &Host::any_netblocks, &Host::serves_own_asn, &Host::country, &Host::city, &Host::latitude,
      &Host::longitude, &Host::bandwidth_mbps, &Host::asn, &Host::comment);
  const auto by_id = index_by_id(hosts);
  database_->for_each<HostId, std::uint32_t>(kHostAsns, [&](HostId id, std::uint32_t asn) {
    find_owner(by_id, id, "host_asn").client_asns.push_back(asn);
  });
  database_->for_each<HostId, net::Prefix>(
      kHostNetblocks, [&](HostId id, const net::Prefix& netblock) {
        find_owner(by_id, id, "host_netblock").netblocks.push_back(netblock);
      });
  database_->for_each<HostId, net::CountryCode>(
      kHostAllowedCountries, [&](HostId id, net::CountryCode code) {
        find_owner(by_id, id, "host_allowed_country").allowed_countries.push_back(code);
      });
  database_->for_each<HostId, std::string, std::string>(
      kHostClouds, [&](HostId id, const std::string& provider, const std::string& region) {
        find_owner(by_id, id, "host_cloud").clouds.push_back({provider, region});
      });
  // The order of netblocks as text is not that of the numbers.
  for (Host& host : hosts) {
    std::sort(host.netblocks.begin(), host.netblocks.end());
    std::sort(host.clouds.begin(), host.clouds.end());
  }
  return hosts;
}

std::vector<Category> CatalogReader::categories() const {
  return database_->select(kCategories, &Category::id, &Category::name, &Category::top_directory);
}

std::vector<Carriage> CatalogReader::carriages() const {
  auto carriages = database_->select(kCarriages, &Carriage::id, &Carriage::host,
                                     &Carriage::category, &Carriage::is_always_up_to_date);
  const auto by_id = index_by_id(carriages);
  database_->for_each<CarriageId, std::string>(
      kCarriageUrls, [&](CarriageId id, const std::string& url) {
        find_owner(by_id, id, "host_category_url").urls.push_back(url);
      });
  return carriages;
}

std::vector<Directory> CatalogReader::directories() const {
  return database_->select(kDirectories, &Directory::id, &Directory::path, &Directory::category);
}

void CatalogReader::for_each_directory(const std::function<void(Directory&&)>& handle) const {
  database_->stream<DirectoryId, std::string, CategoryId>(
      kAllDirectories, [&](DirectoryId id, std::string path, CategoryId category) {
        handle({id, std::move(path), category});
      });
}

std::vector<Repository> CatalogReader::repositories() const {
  return database_->select(kRepositories, &Repository::id, &Repository::name,
                           &Repository::architecture, &Repository::directory,
                           &Repository::is_disabled);
}

std::vector<Redirect> CatalogReader::redirects() const {
  return database_->select(kRedirects, &Redirect::from, &Redirect::to);
}

std::vector<Country> CatalogReader::countries() const {
  using MaybeContinent = std::optional<net::Continent>;
  std::vector<Country> countries;
  database_->for_each<net::CountryCode, net::Continent, MaybeContinent>(
      kCountries, [&](net::CountryCode code, net::Continent continent, MaybeContinent override) {
        countries.push_back({code, continent, override});
      });
  return countries;
}

std::vector<NetblockCountry> CatalogReader::netblock_countries() const {
  std::vector<NetblockCountry> entries;
  database_->for_each<net::Prefix, net::CountryCode>(
      kNetblockCountries, [&](const net::Prefix& netblock, net::CountryCode country) {
        entries.push_back({netblock, country});
      });
  return entries;
}

std::vector<net::Prefix> CatalogReader::research_netblocks() const {
  std::vector<net::Prefix> netblocks;
  database_->for_each<net::Prefix>(
      kResearchNetblocks, [&](const net::Prefix& netblock) { netblocks.push_back(netblock); });
  std::sort(netblocks.begin(), netblocks.end());
  return netblocks;
}

void CatalogReader::for_each_file(const std::function<void(const FileDetail&)>& handle) const {
  database_->stream<DirectoryId, std::string, std::int64_t, std::int64_t, std::string, std::string,
                    std::string, std::string>(
      kFiles, [&](DirectoryId directory, const std::string& name, std::int64_t size,
                  std::int64_t timestamp, const std::string& md5, const std::string& sha1,
                  const std::string& sha256, const std::string& sha512) {
        handle({directory, name, size, timestamp, md5, sha1, sha256, sha512});
      });
}

std::vector<DirectoryState> CatalogReader::directory_states(CarriageId carriage) const {
  std::vector<DirectoryState> states;
  const std::string sql = fmt::format(
      "SELECT directory_id, is_up_to_date FROM host_category_directory "
      "WHERE host_category_id = {}",
      static_cast<std::int64_t>(carriage));
  database_->stream<DirectoryId, bool>({"read the states of a host's directories", sql},
                                       [&](DirectoryId directory, bool is_up_to_date) {
                                         states.push_back({directory, is_up_to_date});
                                       });
  return states;
}

void CatalogReader::for_each_up_to_date(
    const std::function<void(DirectoryId, CarriageId)>& handle) const {
  database_->stream<DirectoryId, CarriageId>(kUpToDate, handle);
}

}  // namespace mirrorway::catalog
