#include "common/catalog/schema.h"

#include <array>
#include <chrono>
#include <set>
#include <span>
#include <string>

#include "common/catalog/catalog_url.h"
#include "common/catalog/database.h"
#include "common/catalog/records.h"
#include "common/net/country.h"
#include "common/net/special_purpose.h"

namespace mirrorway::catalog {
namespace {

// trim(text, letters) = '' is how the shared dialect says that a text has no other letters.
constexpr auto kVersion1 = std::to_array<std::string_view>({
    R"(CREATE TABLE schema_version (
         version INTEGER PRIMARY KEY,
         applied_at BIGINT NOT NULL))",

    R"(CREATE TABLE catalog_state (
         id SMALLINT PRIMARY KEY CHECK (id = 1),
         generation BIGINT NOT NULL CHECK (generation >= 0),
         changed_at BIGINT NOT NULL CHECK (changed_at >= 0)))",

    R"(CREATE TABLE country (
         code TEXT PRIMARY KEY
           CHECK (length(code) = 2 AND trim(code, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') = ''),
         continent TEXT NOT NULL CHECK (continent IN ('AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA'))))",

    R"(CREATE TABLE country_continent_override (
         country TEXT PRIMARY KEY REFERENCES country (code),
         continent TEXT NOT NULL CHECK (continent IN ('AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA'))))",

    R"(CREATE TABLE netblock_country (
         netblock TEXT PRIMARY KEY CHECK (
           trim(netblock, '0123456789abcdef.:/') = '' AND
           (netblock LIKE '%_._%._%._%/_%' OR netblock LIKE '%:%/_%') AND
           netblock NOT LIKE '%/%/%'),
         country TEXT NOT NULL REFERENCES country (code)))",

    R"(CREATE TABLE site (
         id {identity},
         name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255 AND trim(name) = name),
         url TEXT NOT NULL DEFAULT '' CHECK (
           url = '' OR url LIKE 'http://_%' OR url LIKE 'https://_%'),
         is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
         is_private SMALLINT NOT NULL DEFAULT 0 CHECK (is_private IN (0, 1)),
         comment TEXT NOT NULL DEFAULT ''))",

    R"(CREATE TABLE host (
         id {identity},
         site_id BIGINT NOT NULL REFERENCES site (id),
         name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255 AND trim(name) = name),
         is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
         is_private SMALLINT NOT NULL DEFAULT 0 CHECK (is_private IN (0, 1)),
         is_monopoly SMALLINT NOT NULL DEFAULT 0 CHECK (is_monopoly IN (0, 1)),
         is_last_resort SMALLINT NOT NULL DEFAULT 0 CHECK (is_last_resort IN (0, 1)),
         is_research SMALLINT NOT NULL DEFAULT 0 CHECK (is_research IN (0, 1)),
         serves_own_asn SMALLINT NOT NULL DEFAULT 1 CHECK (serves_own_asn IN (0, 1)),
         country TEXT REFERENCES country (code),
         city TEXT NOT NULL DEFAULT '' CHECK (length(city) <= 255),
         latitude DOUBLE PRECISION CHECK (latitude BETWEEN -90 AND 90),
         longitude DOUBLE PRECISION CHECK (longitude BETWEEN -180 AND 180),
         bandwidth_mbps INTEGER NOT NULL DEFAULT 1000
           CHECK (bandwidth_mbps BETWEEN 1 AND 100000),
         asn BIGINT CHECK (asn BETWEEN 1 AND 4294967295),
         comment TEXT NOT NULL DEFAULT '',
         UNIQUE (site_id, name),
         CHECK ((latitude IS NULL) = (longitude IS NULL))))",

    R"(CREATE TABLE host_asn (
         host_id BIGINT NOT NULL REFERENCES host (id) ON DELETE CASCADE,
         asn BIGINT NOT NULL CHECK (asn BETWEEN 1 AND 4294967295),
         PRIMARY KEY (host_id, asn)))",

    R"(CREATE TABLE host_netblock (
         host_id BIGINT NOT NULL REFERENCES host (id) ON DELETE CASCADE,
         netblock TEXT NOT NULL CHECK (
           trim(netblock, '0123456789abcdef.:/') = '' AND
           (netblock LIKE '%_._%._%._%/_%' OR netblock LIKE '%:%/_%') AND
           netblock NOT LIKE '%/%/%'),
         PRIMARY KEY (host_id, netblock)))",

    R"(CREATE TABLE host_allowed_country (
         host_id BIGINT NOT NULL REFERENCES host (id) ON DELETE CASCADE,
         country TEXT NOT NULL REFERENCES country (code),
         PRIMARY KEY (host_id, country)))",

    R"(CREATE TABLE category (
         id {identity},
         name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255 AND trim(name) = name),
         top_directory TEXT NOT NULL CHECK (
           length(top_directory) <= 4096 AND top_directory NOT LIKE '/%' AND
           top_directory NOT LIKE '%/' AND top_directory NOT LIKE '%//%')))",

    R"(CREATE TABLE host_category (
         id {identity},
         host_id BIGINT NOT NULL REFERENCES host (id) ON DELETE CASCADE,
         category_id BIGINT NOT NULL REFERENCES category (id),
         is_always_up_to_date SMALLINT NOT NULL DEFAULT 0
           CHECK (is_always_up_to_date IN (0, 1)),
         UNIQUE (host_id, category_id)))",

    R"(CREATE INDEX host_category_by_category ON host_category (category_id))",

    R"(CREATE TABLE host_category_url (
         host_category_id BIGINT NOT NULL REFERENCES host_category (id) ON DELETE CASCADE,
         url TEXT NOT NULL CHECK (
           length(url) <= 2048 AND url NOT LIKE '% %' AND url NOT LIKE '%/' AND
           (url LIKE 'https://_%' OR url LIKE 'http://_%' OR
            url LIKE 'ftp://_%' OR url LIKE 'rsync://_%')),
         PRIMARY KEY (host_category_id, url)))",

    R"(CREATE TABLE directory (
         id {identity},
         path TEXT NOT NULL UNIQUE CHECK (
           length(path) <= 4096 AND path NOT LIKE '/%' AND path NOT LIKE '%/' AND
           path NOT LIKE '%//%'),
         category_id BIGINT NOT NULL REFERENCES category (id)))",

    R"(CREATE INDEX directory_by_category ON directory (category_id))",

    R"(CREATE TABLE host_category_directory (
         directory_id BIGINT NOT NULL REFERENCES directory (id) ON DELETE CASCADE,
         host_category_id BIGINT NOT NULL REFERENCES host_category (id) ON DELETE CASCADE,
         is_up_to_date SMALLINT NOT NULL CHECK (is_up_to_date IN (0, 1)),
         PRIMARY KEY (directory_id, host_category_id)) {clustered})",

    // Without it, removing one host would read the whole of the biggest table.
    R"(CREATE INDEX host_category_directory_by_host_category
         ON host_category_directory (host_category_id))",

    R"(CREATE TABLE file_detail (
         id {identity},
         directory_id BIGINT NOT NULL REFERENCES directory (id) ON DELETE CASCADE,
         name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255 AND name NOT LIKE '%/%'),
         size BIGINT NOT NULL CHECK (size >= 0),
         timestamp BIGINT NOT NULL,
         md5 TEXT NOT NULL DEFAULT ''
           CHECK (length(md5) IN (0, 32) AND trim(md5, '0123456789abcdef') = ''),
         sha1 TEXT NOT NULL DEFAULT ''
           CHECK (length(sha1) IN (0, 40) AND trim(sha1, '0123456789abcdef') = ''),
         sha256 TEXT NOT NULL DEFAULT ''
           CHECK (length(sha256) IN (0, 64) AND trim(sha256, '0123456789abcdef') = ''),
         sha512 TEXT NOT NULL DEFAULT ''
           CHECK (length(sha512) IN (0, 128) AND trim(sha512, '0123456789abcdef') = ''),
         UNIQUE (directory_id, name, timestamp, size, sha256)))",

    R"(CREATE TABLE repository (
         id {identity},
         name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255 AND name NOT LIKE '% %'),
         architecture TEXT NOT NULL
           CHECK (length(architecture) BETWEEN 1 AND 255 AND architecture NOT LIKE '% %'),
         directory_id BIGINT NOT NULL REFERENCES directory (id),
         is_disabled SMALLINT NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1)),
         UNIQUE (name, architecture)))",

    R"(CREATE INDEX repository_by_directory ON repository (directory_id))",

    R"(CREATE TABLE repository_redirect (
         from_name TEXT PRIMARY KEY
           CHECK (length(from_name) BETWEEN 1 AND 255 AND from_name NOT LIKE '% %'),
         to_name TEXT NOT NULL CHECK (
           length(to_name) BETWEEN 1 AND 255 AND to_name NOT LIKE '% %' AND
           to_name <> from_name)))",
});

constexpr auto kVersion2 = std::to_array<std::string_view>({
    R"(ALTER TABLE host ADD COLUMN serves_research SMALLINT NOT NULL DEFAULT 0
         CHECK (serves_research IN (0, 1)))",

    R"(CREATE TABLE research_netblock (
         netblock TEXT NOT NULL PRIMARY KEY CHECK (
           trim(netblock, '0123456789abcdef.:/') = '' AND
           (netblock LIKE '%_._%._%._%/_%' OR netblock LIKE '%:%/_%') AND
           netblock NOT LIKE '%/%/%')))",
});

constexpr auto kVersion3 = std::to_array<std::string_view>({
    // With the state in it, the states of a host are read from the index alone: in the table, each
    // of them is on
    // a page of its own.
    "DROP INDEX host_category_directory_by_host_category",
    R"(CREATE INDEX host_category_directory_by_host_category
         ON host_category_directory (host_category_id, is_up_to_date, directory_id))",

    R"(ALTER TABLE host ADD COLUMN any_netblocks SMALLINT NOT NULL DEFAULT 0
         CHECK (any_netblocks IN (0, 1)))",

    R"(ALTER TABLE research_netblock ADD COLUMN is_imported SMALLINT NOT NULL DEFAULT 0
         CHECK (is_imported IN (0, 1)))",

    R"(CREATE TABLE host_cloud (
         host_id BIGINT NOT NULL REFERENCES host (id) ON DELETE CASCADE,
         provider TEXT NOT NULL CHECK (provider IN ('aws', 'azure', 'gcp', 'oci')),
         region TEXT NOT NULL CHECK (
           length(region) BETWEEN 1 AND 64 AND
           trim(region, 'abcdefghijklmnopqrstuvwxyz0123456789-_') = ''),
         PRIMARY KEY (host_id, provider, region)))",

    R"(CREATE TABLE cloud_netblock (
         provider TEXT NOT NULL CHECK (provider IN ('aws', 'azure', 'gcp', 'oci')),
         region TEXT NOT NULL CHECK (
           length(region) BETWEEN 1 AND 64 AND
           trim(region, 'abcdefghijklmnopqrstuvwxyz0123456789-_') = ''),
         netblock TEXT NOT NULL CHECK (
           trim(netblock, '0123456789abcdef.:/') = '' AND
           (netblock LIKE '%_._%._%._%/_%' OR netblock LIKE '%:%/_%') AND
           netblock NOT LIKE '%/%/%'),
         PRIMARY KEY (provider, region, netblock)))",

    R"(CREATE TABLE asn_block (
         block TEXT NOT NULL PRIMARY KEY CHECK (
           trim(block, '0123456789abcdef.:/') = '' AND
           (block LIKE '%.0.0.0/8' OR block LIKE '%::/16')),
         prefixes TEXT NOT NULL CHECK (prefixes <> '')))",
});

constexpr Statement kInsertCountry{
    "insert a country", "INSERT INTO country (code, continent) VALUES (:code, :continent)"};
constexpr Statement kInsertState{
    "insert the state",
    "INSERT INTO catalog_state (id, generation, changed_at) VALUES (1, 0, :now)"};
constexpr Statement kInsertVersion{
    "insert the schema version",
    "INSERT INTO schema_version (version, applied_at) VALUES (:version, :now)"};
constexpr Statement kSelectVersion{"read the schema version",
                                   "SELECT coalesce(max(version), 0) FROM schema_version"};

constexpr Statement kOldNetblocks{"read netblocks of hosts",
                                  "SELECT host_id, netblock FROM host_netblock"};
constexpr Statement kLetHaveAnyNetblocks{"let a host keep its netblocks",
                                         "UPDATE host SET any_netblocks = 1 WHERE id = :id"};

struct Migration {
  std::int64_t version;
  std::span<const std::string_view> schema;
  void (*fill)(Database& database, std::int64_t now);  // runs after the schema; may be null
};

void fill_version_1(Database& database, std::int64_t now) {
  for (const net::CountryFact& fact : net::known_countries())
    database.execute(kInsertCountry, fact.code, fact.continent);
  database.execute(kInsertState, now);
}

// What an operator gave a host before there were rules for netblocks, it keeps.
void fill_version_3(Database& database, std::int64_t) {
  std::set<HostId> hosts;
  database.for_each<HostId, net::Prefix>(kOldNetblocks,
                                         [&](HostId id, const net::Prefix& netblock) {
                                           if (net::find_netblock_problem(netblock))
                                             hosts.insert(id);
                                         });
  for (const HostId id : hosts) database.execute(kLetHaveAnyNetblocks, id);
}

constexpr std::array<Migration, 3> kMigrations{
    {{1, kVersion1, fill_version_1}, {2, kVersion2, nullptr}, {3, kVersion3, fill_version_3}}};
static_assert(kMigrations.size() == kSchemaVersion);

std::int64_t find_version(Database& database) {
  if (!database.has_table("schema_version")) return 0;
  return database.value<std::int64_t>(kSelectVersion);
}

[[noreturn]] void refuse_newer(const Database& database, std::int64_t version) {
  throw base::Error(
      "catalog {}: schema version {}; this program knows versions up to {}: it is "
      "older than the program that made the catalog",
      database.name(), version, kSchemaVersion);
}

}  // namespace

std::int64_t system_clock_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

InitResult init_catalog(std::string_view url, const Clock& clock) {
  Database database(parse_catalog_url(url).or_throw("init"), Access::kCreate);
  const bool was_empty = database.is_empty();
  const std::int64_t found = find_version(database);
  if (found == 0 && !was_empty)
    throw base::Error("catalog {}: holds the tables of another program; choose another one",
                      database.name());
  if (found > kSchemaVersion) refuse_newer(database, found);
  database.make_concurrent();  // not before: the database may be none of ours
  if (found == kSchemaVersion) return InitResult::kAlreadyCurrent;
  for (const Migration& migration : kMigrations) {
    database.begin(Access::kWrite);
    // Another init may have been faster.
    if (migration.version > find_version(database)) {
      for (const std::string_view sql : migration.schema) database.execute_schema(sql);
      if (migration.fill != nullptr) migration.fill(database, clock());
      database.execute(kInsertVersion, migration.version, clock());
    }
    database.commit();
  }
  return was_empty ? InitResult::kCreated : InitResult::kUpgraded;
}

void require_current_schema(Database& database) {
  const std::int64_t version = find_version(database);
  if (version == 0)
    throw base::Error("catalog {}: there is no catalog in it; run \"mirror_admin init\"",
                      database.name());
  if (version > kSchemaVersion) refuse_newer(database, version);
  if (version < kSchemaVersion)
    throw base::Error(
        "catalog {}: schema version {} is older than this program's {}; run "
        "\"mirror_admin init\" to bring it up to date",
        database.name(), version, kSchemaVersion);
}

}  // namespace mirrorway::catalog
