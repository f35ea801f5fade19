// Reading the catalog. Programs that only read are given this and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "common/catalog/records.h"
#include "common/net/asn_prefix.h"

namespace mirrorway::catalog {

class Database;

// One consistent state: what others commit while this object lives is not seen. Keep it short, as
// SQLite cannot reuse its log meanwhile. All lists are complete; every function throws base::Error.
class CatalogReader {
 public:
  // Opens without the right to write. Refuses a missing file and one without a current catalog.
  explicit CatalogReader(std::string_view url);
  CatalogReader(const CatalogReader&) = delete;
  CatalogReader& operator=(const CatalogReader&) = delete;
  virtual ~CatalogReader();

  State state() const;
  std::vector<Site> sites() const;                          // by name
  std::vector<Host> hosts() const;                          // by id
  std::vector<Category> categories() const;                 // by name
  std::vector<Carriage> carriages() const;                  // by id
  std::vector<Directory> directories() const;               // by path
  std::vector<Repository> repositories() const;             // by name, then architecture
  std::vector<Redirect> redirects() const;                  // by from
  std::vector<Country> countries() const;                   // by code
  std::vector<NetblockCountry> netblock_countries() const;  // in no particular order
  std::vector<net::Prefix> research_netblocks() const;      // ascending
  std::vector<net::Prefix> imported_research() const;       // ascending; without those by hand
  std::vector<CloudRange> cloud_ranges() const;             // ascending

  // Which AS announces what, by prefix; the longest counts for an address.
  void for_each_asn(const std::function<void(const net::AsnPrefix&)>& handle) const;

  // These are for many rows: `handle` must not use the catalog.
  // In no particular order.
  void for_each_directory(const std::function<void(Directory&&)>& handle) const;
  // All files by directory, then name, the newest version first.
  void for_each_file(const std::function<void(const FileDetail&)>& handle) const;
  // What is known of the directories on one carriage, in no particular order.
  std::vector<DirectoryState> directory_states(CarriageId carriage) const;
  // Which directory is up to date on which carriage, by directory, then carriage. Streamed:
  // millions of rows. That both are of one category is for the caller to check, as no constraint
  // can say it without a third column in the biggest table.
  void for_each_up_to_date(const std::function<void(DirectoryId, CarriageId)>& handle) const;

 protected:
  // A write transaction that is also read from.
  explicit CatalogReader(std::unique_ptr<Database> database);
  Database& database() const { return *database_; }

 private:
  std::unique_ptr<Database> database_;
};

}  // namespace mirrorway::catalog
