#include "common/catalog/writer.h"

#include <utility>

#include "common/catalog/catalog_url.h"
#include "common/catalog/check.h"
#include "common/catalog/database.h"
#include "common/catalog/redirects.h"
#include "common/net/path.h"

namespace mirrorway::catalog {
namespace {

constexpr Statement kInsertSite{"insert a site",
                                "INSERT INTO site (name, url, is_active, is_private, comment) "
                                "VALUES (:name, :url, :active, :private, :comment) RETURNING id"};
constexpr Statement kUpdateSite{
    "update a site",
    "UPDATE site SET name = :name, url = :url, is_active = :active, is_private = :private, "
    "comment = :comment WHERE id = :id"};
constexpr Statement kDeleteSite{"remove a site", "DELETE FROM site WHERE id = :id"};
constexpr Statement kDeleteHostsOfSite{"remove the hosts of a site",
                                       "DELETE FROM host WHERE site_id = :id"};

constexpr Statement kInsertHost{
    "insert a host",
    "INSERT INTO host (site_id, name, is_active, is_private, is_monopoly, is_last_resort, "
    "is_research, serves_research, any_netblocks, serves_own_asn, country, city, latitude, "
    "longitude, bandwidth_mbps, asn, comment) "
    "VALUES (:site, :name, :active, :private, :monopoly, :last_resort, :research, "
    ":research_clients, :any_netblocks, :own_asn, :country, :city, :latitude, :longitude, "
    ":bandwidth, :asn, "
    ":comment) RETURNING id"};
constexpr Statement kUpdateHost{
    "update a host",
    "UPDATE host SET site_id = :site, name = :name, is_active = :active, is_private = :private, "
    "is_monopoly = :monopoly, is_last_resort = :last_resort, is_research = :research, "
    "serves_research = :research_clients, any_netblocks = :any_netblocks, serves_own_asn = "
    ":own_asn, country = :country, city = "
    ":city, latitude = :latitude, "
    "longitude = :longitude, bandwidth_mbps = :bandwidth, asn = :asn, comment = :comment "
    "WHERE id = :id"};
constexpr Statement kDeleteHost{"remove a host", "DELETE FROM host WHERE id = :id"};
constexpr Statement kDeleteAsns{"remove ASNs", "DELETE FROM host_asn WHERE host_id = :host"};
constexpr Statement kInsertAsn{"insert an ASN",
                               "INSERT INTO host_asn (host_id, asn) VALUES (:host, :asn)"};
constexpr Statement kDeleteNetblocks{"remove netblocks",
                                     "DELETE FROM host_netblock WHERE host_id = :host"};
constexpr Statement kInsertNetblock{
    "insert a netblock", "INSERT INTO host_netblock (host_id, netblock) VALUES (:host, :netblock)"};
constexpr Statement kDeleteAllowed{"remove allowed countries",
                                   "DELETE FROM host_allowed_country WHERE host_id = :host"};
constexpr Statement kInsertAllowed{
    "insert an allowed country",
    "INSERT INTO host_allowed_country (host_id, country) VALUES (:host, :country)"};

constexpr Statement kDeleteClouds{"remove clouds", "DELETE FROM host_cloud WHERE host_id = :host"};
constexpr Statement kInsertCloud{
    "insert a cloud",
    "INSERT INTO host_cloud (host_id, provider, region) VALUES (:host, :provider, :region)"};

constexpr Statement kInsertCategory{
    "insert a category",
    "INSERT INTO category (name, top_directory) VALUES (:name, :top) RETURNING id"};
constexpr Statement kUpdateCategory{
    "update a category", "UPDATE category SET name = :name, top_directory = :top WHERE id = :id"};
constexpr Statement kDeleteCategory{"remove a category", "DELETE FROM category WHERE id = :id"};
constexpr Statement kDeleteRepositoriesOfCategory{
    "remove the repositories of a category",
    "DELETE FROM repository WHERE directory_id IN "
    "(SELECT id FROM directory WHERE category_id = :id)"};
constexpr Statement kDeleteDirectoriesOfCategory{"remove the directories of a category",
                                                 "DELETE FROM directory WHERE category_id = :id"};
constexpr Statement kDeleteCarriagesOfCategory{"remove a category from its hosts",
                                               "DELETE FROM host_category WHERE category_id = :id"};

constexpr Statement kInsertCarriage{
    "insert a carriage",
    "INSERT INTO host_category (host_id, category_id, is_always_up_to_date) "
    "VALUES (:host, :category, :always) RETURNING id"};
constexpr Statement kUpdateCarriage{
    "update a carriage", "UPDATE host_category SET is_always_up_to_date = :always WHERE id = :id"};
constexpr Statement kDeleteCarriage{"remove a carriage",
                                    "DELETE FROM host_category WHERE id = :id"};
constexpr Statement kDeleteUrls{"remove URLs",
                                "DELETE FROM host_category_url WHERE host_category_id = :carriage"};
constexpr Statement kInsertUrl{
    "insert a URL",
    "INSERT INTO host_category_url (host_category_id, url) VALUES (:carriage, :url)"};

constexpr Statement kTopOfCategory{"read the top directory of a category",
                                   "SELECT top_directory FROM category WHERE id = :id"};
constexpr Statement kInsertDirectory{
    "insert a directory",
    "INSERT INTO directory (path, category_id) VALUES (:path, :category) RETURNING id"};
constexpr Statement kUpdateDirectory{
    "update a directory",
    "UPDATE directory SET path = :path, category_id = :category WHERE id = :id"};
constexpr Statement kDeleteDirectory{"remove a directory", "DELETE FROM directory WHERE id = :id"};
constexpr Statement kDeleteRepositoriesOfDirectory{
    "remove the repositories of a directory", "DELETE FROM repository WHERE directory_id = :id"};

constexpr Statement kInsertRepository{
    "insert a repository",
    "INSERT INTO repository (name, architecture, directory_id, is_disabled) "
    "VALUES (:name, :architecture, :directory, :disabled) RETURNING id"};
constexpr Statement kUpdateRepository{
    "update a repository",
    "UPDATE repository SET name = :name, architecture = :architecture, "
    "directory_id = :directory, is_disabled = :disabled WHERE id = :id"};
constexpr Statement kDeleteRepository{"remove a repository",
                                      "DELETE FROM repository WHERE id = :id"};

constexpr Statement kInsertRedirect{
    "insert a redirect",
    "INSERT INTO repository_redirect (from_name, to_name) VALUES (:from, :to)"};
constexpr Statement kUpdateRedirect{
    "update a redirect", "UPDATE repository_redirect SET to_name = :to WHERE from_name = :from"};
constexpr Statement kDeleteRedirect{"remove a redirect",
                                    "DELETE FROM repository_redirect WHERE from_name = :from"};

constexpr Statement kInsertNetblockCountry{
    "insert the country of a netblock",
    "INSERT INTO netblock_country (netblock, country) VALUES (:netblock, :country)"};
constexpr Statement kUpdateNetblockCountry{
    "update the country of a netblock",
    "UPDATE netblock_country SET country = :country WHERE netblock = :netblock"};
constexpr Statement kDeleteNetblockCountry{
    "remove the country of a netblock", "DELETE FROM netblock_country WHERE netblock = :netblock"};
constexpr Statement kInsertResearch{"insert a research network",
                                    "INSERT INTO research_netblock (netblock) VALUES (:netblock)"};
constexpr Statement kDeleteResearch{"remove a research network",
                                    "DELETE FROM research_netblock WHERE netblock = :netblock"};
constexpr Statement kDeleteOverride{
    "remove the continent of a country",
    "DELETE FROM country_continent_override WHERE country = :country"};
constexpr Statement kInsertOverride{
    "set the continent of a country",
    "INSERT INTO country_continent_override (country, continent) VALUES (:country, :continent)"};

constexpr Statement kInsertFile{
    "insert a version of a file",
    "INSERT INTO file_detail (directory_id, name, size, timestamp, md5, sha1, sha256, sha512) "
    "VALUES (:directory, :name, :size, :timestamp, :md5, :sha1, :sha256, :sha512)"};
constexpr Statement kDeleteFile{
    "remove a version of a file",
    "DELETE FROM file_detail WHERE directory_id = :directory AND name = :name "
    "AND timestamp = :timestamp AND size = :size AND sha256 = :sha256"};

constexpr Statement kCountUp{
    "count the state up",
    "UPDATE catalog_state SET generation = generation + 1, changed_at = :now WHERE id = 1"};

std::unique_ptr<Database> open_for_writing(std::string_view url) {
  auto database = std::make_unique<Database>(parse_catalog_url(url).or_throw("opening the catalog"),
                                             Access::kWrite);
  database->begin(Access::kWrite);
  require_current_schema(*database);
  return database;
}

}  // namespace

CatalogWriter::CatalogWriter(std::string_view url, Clock clock)
    : CatalogReader(open_for_writing(url)), clock_(std::move(clock)) {}

template <typename... Args>
void CatalogWriter::change(const Statement& statement, const Args&... args) {
  changes_ += database().execute(statement, args...);
}

template <typename Id, typename... Args>
Id CatalogWriter::add(const Statement& statement, const Args&... args) {
  const Id id = database().value<Id>(statement, args...);
  ++changes_;
  return id;
}

SiteId CatalogWriter::insert(const Site& site) {
  catalog::check(site);
  return add<SiteId>(kInsertSite, site.name, site.url, site.is_active, site.is_private,
                     site.comment);
}

void CatalogWriter::update(const Site& site) {
  catalog::check(site);
  change(kUpdateSite, site.name, site.url, site.is_active, site.is_private, site.comment, site.id);
}

void CatalogWriter::remove(const Site& site, Dependents dependents) {
  if (dependents == Dependents::kRemove) change(kDeleteHostsOfSite, site.id);
  change(kDeleteSite, site.id);
}

HostId CatalogWriter::insert(const Host& host) {
  catalog::check(host);
  Host inserted = host;
  inserted.id =
      add<HostId>(kInsertHost, host.site, host.name, host.is_active, host.is_private,
                  host.is_monopoly, host.is_last_resort, host.is_research, host.serves_research,
                  host.any_netblocks, host.serves_own_asn, host.country, host.city, host.latitude,
                  host.longitude, host.bandwidth_mbps, host.asn, host.comment);
  write_lists(inserted);
  return inserted.id;
}

void CatalogWriter::update(const Host& host) {
  catalog::check(host);
  change(kUpdateHost, host.site, host.name, host.is_active, host.is_private, host.is_monopoly,
         host.is_last_resort, host.is_research, host.serves_research, host.any_netblocks,
         host.serves_own_asn, host.country, host.city, host.latitude, host.longitude,
         host.bandwidth_mbps, host.asn, host.comment, host.id);
  change(kDeleteAsns, host.id);
  change(kDeleteNetblocks, host.id);
  change(kDeleteAllowed, host.id);
  change(kDeleteClouds, host.id);
  write_lists(host);
}

void CatalogWriter::write_lists(const Host& host) {
  for (const std::uint32_t asn : host.client_asns) change(kInsertAsn, host.id, asn);
  for (const net::Prefix& netblock : host.netblocks) change(kInsertNetblock, host.id, netblock);
  for (const net::CountryCode code : host.allowed_countries) change(kInsertAllowed, host.id, code);
  for (const CloudRegion& cloud : host.clouds)
    change(kInsertCloud, host.id, cloud.provider, cloud.region);
}

void CatalogWriter::remove(const Host& host) {
  change(kDeleteHost, host.id);
}

CategoryId CatalogWriter::insert(const Category& category) {
  catalog::check(category);
  return add<CategoryId>(kInsertCategory, category.name, category.top_directory);
}

void CatalogWriter::update(const Category& category) {
  catalog::check(category);
  change(kUpdateCategory, category.name, category.top_directory, category.id);
  for (const Directory& directory : directories())
    if (directory.category == category.id) check_place(directory);
}

void CatalogWriter::remove(const Category& category, Dependents dependents) {
  if (dependents == Dependents::kRemove) {
    change(kDeleteRepositoriesOfCategory, category.id);
    change(kDeleteDirectoriesOfCategory, category.id);
    change(kDeleteCarriagesOfCategory, category.id);
  }
  change(kDeleteCategory, category.id);
}

CarriageId CatalogWriter::insert(const Carriage& carriage) {
  catalog::check(carriage);
  const auto id = add<CarriageId>(kInsertCarriage, carriage.host, carriage.category,
                                  carriage.is_always_up_to_date);
  write_urls(id, carriage.urls);
  return id;
}

void CatalogWriter::update(const Carriage& carriage) {
  catalog::check(carriage);
  change(kUpdateCarriage, carriage.is_always_up_to_date, carriage.id);
  change(kDeleteUrls, carriage.id);
  write_urls(carriage.id, carriage.urls);
}

void CatalogWriter::write_urls(CarriageId carriage, std::span<const std::string> urls) {
  for (const std::string& url : urls) change(kInsertUrl, carriage, url);
}

void CatalogWriter::remove(const Carriage& carriage) {
  change(kDeleteCarriage, carriage.id);
}

void CatalogWriter::check_place(const Directory& directory) const {
  const auto top = database().value<std::string>(kTopOfCategory, directory.category);
  if (!net::is_at_or_below(directory.path, top))
    throw base::Error("directory {} is not below its category's top directory {}", directory.path,
                      top);
}

DirectoryId CatalogWriter::insert(const Directory& directory) {
  catalog::check(directory);
  check_place(directory);
  return add<DirectoryId>(kInsertDirectory, directory.path, directory.category);
}

void CatalogWriter::update(const Directory& directory) {
  catalog::check(directory);
  check_place(directory);
  change(kUpdateDirectory, directory.path, directory.category, directory.id);
}

void CatalogWriter::remove(const Directory& directory, Dependents dependents) {
  if (dependents == Dependents::kRemove) change(kDeleteRepositoriesOfDirectory, directory.id);
  change(kDeleteDirectory, directory.id);
}

RepositoryId CatalogWriter::insert(const Repository& repository) {
  catalog::check(repository);
  return add<RepositoryId>(kInsertRepository, repository.name, repository.architecture,
                           repository.directory, repository.is_disabled);
}

void CatalogWriter::update(const Repository& repository) {
  catalog::check(repository);
  change(kUpdateRepository, repository.name, repository.architecture, repository.directory,
         repository.is_disabled, repository.id);
}

void CatalogWriter::remove(const Repository& repository) {
  change(kDeleteRepository, repository.id);
}

void CatalogWriter::insert(const Redirect& redirect) {
  catalog::check(redirect);
  change(kInsertRedirect, redirect.from, redirect.to);
}

void CatalogWriter::update(const Redirect& redirect) {
  catalog::check(redirect);
  change(kUpdateRedirect, redirect.to, redirect.from);
}

void CatalogWriter::remove(const Redirect& redirect) {
  change(kDeleteRedirect, redirect.from);
}

void CatalogWriter::insert(const NetblockCountry& entry) {
  change(kInsertNetblockCountry, entry.netblock, entry.country);
}

void CatalogWriter::update(const NetblockCountry& entry) {
  change(kUpdateNetblockCountry, entry.country, entry.netblock);
}

void CatalogWriter::remove(const NetblockCountry& entry) {
  change(kDeleteNetblockCountry, entry.netblock);
}

void CatalogWriter::insert(const FileDetail& version) {
  catalog::check(version);
  change(kInsertFile, version.directory, version.name, version.size, version.timestamp, version.md5,
         version.sha1, version.sha256, version.sha512);
}

void CatalogWriter::remove(const FileDetail& version) {
  change(kDeleteFile, version.directory, version.name, version.timestamp, version.size,
         version.sha256);
}

void CatalogWriter::insert_research(const net::Prefix& netblock) {
  change(kInsertResearch, netblock);
}

void CatalogWriter::remove_research(const net::Prefix& netblock) {
  change(kDeleteResearch, netblock);
}

void CatalogWriter::update(const Country& country) {
  change(kDeleteOverride, country.code);
  if (country.override_continent)
    change(kInsertOverride, country.code, *country.override_continent);
}

void CatalogWriter::check() const {
  if (const auto problem = find_redirect_problem(redirects())) throw base::Error("{}", *problem);
}

void CatalogWriter::commit() {
  check();
  if (has_changes()) database().execute(kCountUp, clock_());
  database().commit();
}

}  // namespace mirrorway::catalog
