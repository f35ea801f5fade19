// Changing the catalog.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "common/catalog/reader.h"
#include "common/catalog/schema.h"

namespace mirrorway::catalog {

struct Statement;

// Whether `remove` takes what depends on the row with it (the hosts of a site; the directories and
// repositories of a category) or refuses then.
enum class Dependents { kRefuse, kRemove };

// One write transaction, which is also read from and sees its own changes. Other writers wait.
// Without commit() nothing is changed. Values are checked here as well as by the tables: every
// function throws base::Error for what may not be in the catalog and for what the database breaks,
// and the transaction should then be given up.
class CatalogWriter : public CatalogReader {
 public:
  explicit CatalogWriter(std::string_view url, Clock clock = system_clock_seconds);

  // Rows are found by their id, redirects by `from`, countries of netblocks by the netblock,
  // versions of files by directory, name, timestamp, size and SHA-256.
  SiteId insert(const Site& site);
  HostId insert(const Host& host);
  CategoryId insert(const Category& category);
  CarriageId insert(const Carriage& carriage);
  DirectoryId insert(const Directory& directory);
  RepositoryId insert(const Repository& repository);
  void insert(const Redirect& redirect);
  void insert(const NetblockCountry& entry);
  void insert(const FileDetail& version);  // beside the other versions of the file
  void insert_research(const net::Prefix& netblock);

  void update(const Site& site);
  void update(const Host& host);
  void update(const Category& category);
  void update(const Carriage& carriage);  // host and category stay
  void update(const Directory& directory);
  void update(const Repository& repository);
  void update(const Redirect& redirect);
  void update(const NetblockCountry& entry);
  void update(const Country& country);  // the override only

  void remove(const Site& site, Dependents dependents);
  void remove(const Host& host);  // and its carriages
  void remove(const Category& category, Dependents dependents);
  void remove(const Carriage& carriage);
  void remove(const Directory& directory, Dependents dependents);
  void remove(const Repository& repository);
  void remove(const Redirect& redirect);
  void remove(const NetblockCountry& entry);
  void remove(const FileDetail& version);
  void remove_research(const net::Prefix& netblock);

  // Tables that come from outside as a whole. What is in the catalog already is left alone, so that
  // the same table twice is no change.
  void replace_asns(std::span<const net::AsnPrefix> rows);  // strictly ascending by prefix
  // The netblocks that an import brought before; those entered one by one stay.
  void replace_imported_research(std::span<const net::Prefix> netblocks);  // strictly ascending
  // All ranges of one provider; strictly ascending.
  void replace_cloud(std::string_view provider, std::span<const CloudRange> ranges);
  // Where geography has a country, which may be new; the override is another matter.
  void set_continent(net::CountryCode country, net::Continent continent);

  // Marks all these directories up to date on all these carriages, except where the catalog has a
  // word on the pair already: what a crawler found is never overwritten.
  void mark_up_to_date(std::span<const CarriageId> carriages,
                       std::span<const DirectoryId> directories);
  // What was found on this carriage, each directory once; of others the state stays. Only what
  // differs is written. Returns how many that were. The directories must be of the carriage's
  // category.
  std::size_t write_states(CarriageId carriage, std::span<const DirectoryState> states);
  struct StateChanges {
    std::size_t written = 0;
    std::size_t forgotten = 0;
  };
  // The same where `states` is all that there is: what is known of other directories on this
  // carriage is forgotten.
  StateChanges replace_states(CarriageId carriage, std::span<const DirectoryState> states);
  // These directories are on this carriage and, whatever the catalog says, on no other.
  void restrict_to(CarriageId carriage, std::span<const DirectoryId> directories);

  // Whether anything is different from what the transaction found.
  bool has_changes() const { return changes_ > 0; }
  // Checks what concerns several rows (loops of redirects), counts the state up if anything was
  // changed, and ends the transaction: nothing may be called afterwards.
  void commit();
  // The checks of commit alone; for a dry run.
  void check() const;

 private:
  // Both count as changes.
  template <typename... Args>
  void change(const Statement& statement, const Args&... args);
  template <typename Id, typename... Args>
  Id add(const Statement& statement, const Args&... args);
  void write_lists(const Host& host);
  void write_urls(CarriageId carriage, std::span<const std::string> urls);
  void check_place(const Directory& directory) const;
  // Writes the states that are not among the rows of the carriage, `before`.
  std::size_t write_different(CarriageId carriage, std::span<const DirectoryState> states,
                              std::span<const DirectoryState> before);
  // Fills the temporary tables that the statements on many directories join; each row once.
  void choose(std::span<const CarriageId> carriages, std::span<const DirectoryState> states);

  Clock clock_;
  std::uint64_t changes_ = 0;
};

}  // namespace mirrorway::catalog
