// CatalogWriter: the states of directories on carriages, the big table.
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/base/sort_unique.h"
#include "common/catalog/database.h"
#include "common/catalog/writer.h"

namespace mirrorway::catalog {
namespace {

constexpr Statement kCreateChosenDirectories{
    "make a temporary table",
    "CREATE TEMPORARY TABLE IF NOT EXISTS chosen_directory "
    "(id BIGINT PRIMARY KEY, is_up_to_date SMALLINT NOT NULL)"};
constexpr Statement kClearChosenDirectories{"empty a temporary table",
                                            "DELETE FROM chosen_directory"};
constexpr Statement kCreateChosenCarriages{
    "make a temporary table",
    "CREATE TEMPORARY TABLE IF NOT EXISTS chosen_carriage (id BIGINT PRIMARY KEY)"};
constexpr Statement kClearChosenCarriages{"empty a temporary table", "DELETE FROM chosen_carriage"};
// Both in the order of the big table's key. "WHERE 1 = 1" keeps SQLite from reading ON as the
// join's.
constexpr Statement kMarkUpToDate{
    "mark directories up to date",
    "INSERT INTO host_category_directory (directory_id, host_category_id, is_up_to_date) "
    "SELECT d.id, c.id, d.is_up_to_date FROM chosen_directory d CROSS JOIN chosen_carriage c "
    "WHERE 1 = 1 ORDER BY d.id, c.id ON CONFLICT DO NOTHING"};
constexpr Statement kSetStates{
    "write the states of directories",
    "INSERT INTO host_category_directory (directory_id, host_category_id, is_up_to_date) "
    "SELECT d.id, c.id, d.is_up_to_date FROM chosen_directory d CROSS JOIN chosen_carriage c "
    "WHERE 1 = 1 ORDER BY d.id, c.id ON CONFLICT (directory_id, host_category_id) "
    "DO UPDATE SET is_up_to_date = excluded.is_up_to_date"};
constexpr Statement kForgetStates{
    "forget the states of directories",
    "DELETE FROM host_category_directory WHERE host_category_id = :carriage "
    "AND directory_id IN (SELECT id FROM chosen_directory)"};
constexpr Statement kUnmarkOthers{
    "take directories from other hosts",
    "DELETE FROM host_category_directory WHERE host_category_id <> :carriage "
    "AND directory_id IN (SELECT id FROM chosen_directory)"};

const Table& chosen_directory() {
  static const Table kTable{
      "chosen_directory", {{"id", ColumnKind::kInteger}, {"is_up_to_date", ColumnKind::kInteger}}};
  return kTable;
}

const Table& chosen_carriage() {
  static const Table kTable{"chosen_carriage", {{"id", ColumnKind::kInteger}}};
  return kTable;
}

template <typename Id>
std::vector<Id> sorted_unique(std::span<const Id> ids) {
  std::vector<Id> sorted(ids.begin(), ids.end());
  base::sort_unique(sorted);
  return sorted;
}

std::vector<DirectoryState> up_to_date(std::span<const DirectoryId> directories) {
  std::vector<DirectoryState> states;
  states.reserve(directories.size());
  for (const DirectoryId directory : sorted_unique(directories))
    states.push_back({directory, true});
  return states;
}

}  // namespace

void CatalogWriter::choose(std::span<const CarriageId> carriages,
                           std::span<const DirectoryState> states) {
  database().execute(kCreateChosenDirectories);
  database().execute(kClearChosenDirectories);
  database().write(chosen_directory(), [&](RowWriter& writer) {
    for (const DirectoryState& state : states) {
      writer.integer(static_cast<std::int64_t>(state.directory));
      writer.integer(state.is_up_to_date ? 1 : 0);
      writer.end_row();
    }
  });
  database().execute(kCreateChosenCarriages);
  database().execute(kClearChosenCarriages);
  database().write(chosen_carriage(), [&](RowWriter& writer) {
    for (const CarriageId carriage : carriages) {
      writer.integer(static_cast<std::int64_t>(carriage));
      writer.end_row();
    }
  });
}

void CatalogWriter::mark_up_to_date(std::span<const CarriageId> carriages,
                                    std::span<const DirectoryId> directories) {
  choose(sorted_unique(carriages), up_to_date(directories));
  changes_ += database().execute(kMarkUpToDate);
}

std::size_t CatalogWriter::write_different(CarriageId carriage,
                                           std::span<const DirectoryState> states,
                                           std::span<const DirectoryState> before) {
  std::unordered_map<DirectoryId, bool> known;
  known.reserve(before.size());
  for (const DirectoryState& state : before) known.emplace(state.directory, state.is_up_to_date);
  std::vector<DirectoryState> different;
  for (const DirectoryState& state : states) {
    const auto found = known.find(state.directory);
    if (found == known.end() || found->second != state.is_up_to_date) different.push_back(state);
  }
  if (different.empty()) return 0;
  choose({&carriage, 1}, different);
  changes_ += database().execute(kSetStates);
  return different.size();
}

std::size_t CatalogWriter::write_states(CarriageId carriage,
                                        std::span<const DirectoryState> states) {
  return write_different(carriage, states, directory_states(carriage));
}

CatalogWriter::StateChanges CatalogWriter::replace_states(CarriageId carriage,
                                                          std::span<const DirectoryState> states) {
  std::vector<DirectoryState> others = directory_states(carriage);
  const std::size_t written = write_different(carriage, states, others);
  std::unordered_set<DirectoryId> named;
  for (const DirectoryState& state : states) named.insert(state.directory);
  std::erase_if(others, [&](const auto& state) { return named.contains(state.directory); });
  if (!others.empty()) {
    choose({&carriage, 1}, others);
    changes_ += database().execute(kForgetStates, carriage);
  }
  return {written, others.size()};
}

void CatalogWriter::restrict_to(CarriageId carriage, std::span<const DirectoryId> directories) {
  choose({&carriage, 1}, up_to_date(directories));
  changes_ += database().execute(kUnmarkOthers, carriage);
  changes_ += database().execute(kMarkUpToDate);
}

}  // namespace mirrorway::catalog
