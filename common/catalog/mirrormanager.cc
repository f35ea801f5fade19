#include "common/catalog/mirrormanager.h"

#include <array>

#include "common/catalog/database.h"

namespace mirrorway::catalog::mirrormanager {
namespace {

constexpr Statement kSites{"read sites of MirrorManager",
                           "SELECT id, coalesce(name, ''), coalesce(org_url, ''), "
                           "(coalesce(admin_active, true) AND coalesce(user_active, true))::int, "
                           "coalesce(private, false)::int FROM site ORDER BY id"};
constexpr Statement kHosts{
    "read hosts of MirrorManager",
    "SELECT id, site_id, coalesce(name, ''), "
    "(coalesce(admin_active, true) AND coalesce(user_active, true))::int, "
    "coalesce(private, false)::int, coalesce(internet2, false)::int, "
    "coalesce(internet2_clients, false)::int, coalesce(country, ''), coalesce(bandwidth_int, 100), "
    "asn, coalesce(asn_clients, true)::int, latitude, longitude, coalesce(comment, '') "
    "FROM host ORDER BY id"};
constexpr Statement kPeerAsns{
    "read peer ASNs of MirrorManager",
    "SELECT host_id, asn FROM host_peer_asn WHERE host_id IS NOT NULL ORDER BY host_id, asn"};
constexpr Statement kNetblocks{
    "read netblocks of MirrorManager",
    "SELECT host_id, coalesce(netblock, '') FROM host_netblock WHERE host_id IS NOT NULL "
    "ORDER BY host_id, id"};
constexpr Statement kAllowedCountries{
    "read allowed countries of MirrorManager",
    "SELECT host_id, country FROM host_country_allowed WHERE host_id IS NOT NULL "
    "ORDER BY host_id, id"};
constexpr Statement kCategories{"read categories of MirrorManager",
                                "SELECT c.id, coalesce(c.name, ''), d.name FROM category c "
                                "LEFT JOIN directory d ON d.id = c.topdir_id ORDER BY c.id"};
constexpr Statement kDirectories{
    "read directories of MirrorManager",
    "SELECT d.id, d.name, c.category_id FROM directory d "
    "JOIN category_directory c ON c.directory_id = d.id ORDER BY d.id, c.category_id"};
constexpr Statement kCarriages{
    "read categories of hosts of MirrorManager",
    "SELECT id, host_id, category_id, coalesce(always_up2date, false)::int FROM host_category "
    "WHERE host_id IS NOT NULL AND category_id IS NOT NULL ORDER BY id"};
constexpr Statement kUrls{"read URLs of MirrorManager",
                          "SELECT host_category_id, coalesce(url, '') FROM host_category_url "
                          "WHERE NOT coalesce(private, false) ORDER BY host_category_id, id"};
// Rows without the directory's id name it by its path below the category's top, with a slash before
// it or without.
constexpr Statement kStates{
    "read directories of hosts of MirrorManager",
    "SELECT host_category_id, directory_id, coalesce(up2date, true)::int FROM host_category_dir "
    "WHERE directory_id IS NOT NULL "
    "UNION ALL "
    "SELECT h.host_category_id, d.id, coalesce(h.up2date, true)::int FROM host_category_dir h "
    "JOIN host_category c ON c.id = h.host_category_id JOIN category g ON g.id = c.category_id "
    "JOIN directory t ON t.id = g.topdir_id "
    "JOIN directory d ON d.name = trim(t.name || '/' || trim(h.path, '/'), '/') "
    "WHERE h.directory_id IS NULL ORDER BY 1"};
constexpr Statement kRepositories{
    "read repositories of MirrorManager",
    "SELECT r.id, r.prefix, coalesce(a.name, ''), r.directory_id, coalesce(r.disabled, false)::int "
    "FROM repository r LEFT JOIN arch a ON a.id = r.arch_id "
    "WHERE r.prefix IS NOT NULL AND r.prefix <> '' ORDER BY r.id"};
constexpr Statement kRedirects{
    "read redirects of MirrorManager",
    "SELECT from_repo, to_repo FROM repository_redirect WHERE to_repo IS NOT NULL ORDER BY id"};
constexpr Statement kFiles{
    "read files of MirrorManager",
    "SELECT directory_id, filename, coalesce(size, 0), coalesce(timestamp, 0), coalesce(md5, ''), "
    "coalesce(sha1, ''), coalesce(sha256, ''), coalesce(sha512, '') FROM file_detail "
    "WHERE directory_id IS NOT NULL ORDER BY id"};
constexpr Statement kContinents{
    "read continents of MirrorManager",
    "SELECT country, continent FROM country_continent_redirect ORDER BY id"};
constexpr Statement kNetblockCountries{
    "read countries of netblocks of MirrorManager",
    "SELECT netblock, country FROM netblock_country ORDER BY id"};

// What the statements above leave out. All counting is the database's: millions of rows may lie
// behind each.
struct LeftOutQuery {
  std::string_view kind;
  std::string_view sql;  // the number of rows, and one of them; NULL: none is to be shown
};

constexpr auto kLeftOut = std::to_array<LeftOutQuery>({
    {"ASNs left out, as they have no host",
     "SELECT count(*), min(asn::text) FROM host_peer_asn WHERE host_id IS NULL"},
    {"netblocks left out, as they have no host",
     "SELECT count(*), min(netblock) FROM host_netblock WHERE host_id IS NULL"},
    {"allowed countries left out, as they have no host",
     "SELECT count(*), min(country) FROM host_country_allowed WHERE host_id IS NULL"},
    {"categories of hosts left out, as they lack the host or the category",
     "SELECT count(*), min(coalesce(h.name, g.name)) FROM host_category c "
     "LEFT JOIN host h ON h.id = c.host_id LEFT JOIN category g ON g.id = c.category_id "
     "WHERE c.host_id IS NULL OR c.category_id IS NULL"},
    {"URLs left out, as they are private",
     "SELECT count(*), CAST(NULL AS text) FROM host_category_url WHERE coalesce(private, false)"},
    {"directories left out, as they are in no category",
     "SELECT count(*), min(d.name) FROM directory d WHERE NOT EXISTS "
     "(SELECT 1 FROM category_directory c WHERE c.directory_id = d.id)"},
    // As in kStates, but with outer joins, which is much faster than NOT EXISTS.
    {"states of directories left out, as no directory has their path",
     "SELECT count(*), min(h.path) FROM host_category_dir h "
     "LEFT JOIN host_category c ON c.id = h.host_category_id "
     "LEFT JOIN category g ON g.id = c.category_id LEFT JOIN directory t ON t.id = g.topdir_id "
     "LEFT JOIN directory d ON d.name = trim(t.name || '/' || trim(h.path, '/'), '/') "
     "WHERE h.directory_id IS NULL AND d.id IS NULL"},
    {"repositories left out, as they have no prefix",
     "SELECT count(*), min(name) FROM repository WHERE coalesce(prefix, '') = ''"},
    {"redirects left out, as they lead nowhere",
     "SELECT count(*), min(from_repo) FROM repository_redirect WHERE to_repo IS NULL"},
    {"files left out, as they have no directory",
     "SELECT count(*), min(filename) FROM file_detail WHERE directory_id IS NULL"},
});

std::unique_ptr<Database> open(std::string_view url) {
  const auto location = parse_catalog_url(url).or_throw("import mirrormanager --from");
  auto database = std::make_unique<Database>(location, Access::kRead);
  database->begin(Access::kRead);
  if (!database->has_table("host_category_dir"))
    throw base::Error("{}: this is no database of MirrorManager 2: it has no table {}",
                      location.name, "host_category_dir");
  return database;
}

template <typename T>
std::vector<Owned<T>> read_owned(Database& database, const Statement& statement) {
  return database.select(statement, &Owned<T>::owner, &Owned<T>::value);
}

std::vector<Pair> read_pairs(Database& database, const Statement& statement) {
  return database.select(statement, &Pair::key, &Pair::value);
}

}  // namespace

Reader::Reader(std::string_view url) : database_(open(url)) {}

Reader::~Reader() = default;

std::vector<Site> Reader::sites() const {
  return database_->select(kSites, &Site::id, &Site::name, &Site::url, &Site::is_active,
                           &Site::is_private);
}

std::vector<Host> Reader::hosts() const {
  return database_->select(kHosts, &Host::id, &Host::site, &Host::name, &Host::is_active,
                           &Host::is_private, &Host::is_research, &Host::serves_research,
                           &Host::country, &Host::bandwidth_mbps, &Host::asn, &Host::serves_own_asn,
                           &Host::latitude, &Host::longitude, &Host::comment);
}

std::vector<Owned<std::int64_t>> Reader::peer_asns() const {
  return read_owned<std::int64_t>(*database_, kPeerAsns);
}

std::vector<Owned<std::string>> Reader::netblocks() const {
  return read_owned<std::string>(*database_, kNetblocks);
}

std::vector<Owned<std::string>> Reader::allowed_countries() const {
  return read_owned<std::string>(*database_, kAllowedCountries);
}

std::vector<Category> Reader::categories() const {
  return database_->select(kCategories, &Category::id, &Category::name, &Category::top_directory);
}

std::vector<Directory> Reader::directories() const {
  return database_->select(kDirectories, &Directory::id, &Directory::path, &Directory::category);
}

std::vector<LeftOut> Reader::left_out() const {
  std::vector<LeftOut> all;
  for (const LeftOutQuery& query : kLeftOut)
    database_->stream<std::size_t, std::optional<std::string>>(
        {"count what is left out of MirrorManager", query.sql},
        [&](std::size_t count, const std::optional<std::string>& example) {
          if (count > 0) all.push_back({query.kind, count, example});
        });
  return all;
}

std::vector<Carriage> Reader::carriages() const {
  return database_->select(kCarriages, &Carriage::id, &Carriage::host, &Carriage::category,
                           &Carriage::is_always_up_to_date);
}

std::vector<Owned<std::string>> Reader::urls() const {
  return read_owned<std::string>(*database_, kUrls);
}

std::vector<Repository> Reader::repositories() const {
  return database_->select(kRepositories, &Repository::id, &Repository::prefix,
                           &Repository::architecture, &Repository::directory,
                           &Repository::is_disabled);
}

std::vector<Pair> Reader::redirects() const {
  return read_pairs(*database_, kRedirects);
}

std::vector<File> Reader::files() const {
  return database_->select(kFiles, &File::directory, &File::name, &File::size, &File::timestamp,
                           &File::md5, &File::sha1, &File::sha256, &File::sha512);
}

std::vector<Pair> Reader::continents() const {
  return read_pairs(*database_, kContinents);
}

std::vector<Pair> Reader::netblock_countries() const {
  return read_pairs(*database_, kNetblockCountries);
}

void Reader::for_each_state(const std::function<void(const DirectoryState&)>& handle) const {
  database_->stream<std::int64_t, std::int64_t, bool>(
      kStates, [&](std::int64_t carriage, std::int64_t directory, bool is_up_to_date) {
        handle({carriage, directory, is_up_to_date});
      });
}

}  // namespace mirrorway::catalog::mirrormanager
