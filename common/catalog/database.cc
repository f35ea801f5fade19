#include "common/catalog/database.h"

#include <algorithm>
#include <string>

#include "common/base/text.h"

namespace mirrorway::catalog {
namespace {

std::unique_ptr<Engine> make_engine(const Location& location) {
  switch (location.engine) {
    case EngineKind::kSqlite:
      return make_sqlite_engine(location.target);
    case EngineKind::kPostgresql:
      return make_postgresql_engine(location.target);
  }
  MIRRORWAY_ASSERT(false);
}

ColumnKind kind_of(const std::string& type) {
  const std::string lower = base::lower_ascii(type);
  if (lower == "text") return ColumnKind::kText;
  if (lower == "double precision") return ColumnKind::kReal;
  if (lower == "bigint" || lower == "integer" || lower == "smallint") return ColumnKind::kInteger;
  throw base::Error("the catalog has a column of the type {}", base::printable(type));
}

// Foreign keys run in no circle.
void sort_by_references(std::vector<Table>& tables,
                        const std::multimap<std::string, std::string>& references) {
  const auto is_ready = [&](const Table& table, const std::vector<Table>& before) {
    const auto [first, last] = references.equal_range(table.name);
    return std::all_of(first, last, [&](const auto& reference) {
      return reference.second == table.name ||
             std::any_of(before.begin(), before.end(),
                         [&](const Table& other) { return other.name == reference.second; });
    });
  };
  std::vector<Table> sorted;
  while (!tables.empty()) {
    const auto next = std::find_if(tables.begin(), tables.end(),
                                   [&](const Table& table) { return is_ready(table, sorted); });
    MIRRORWAY_ASSERT(next != tables.end());
    sorted.push_back(std::move(*next));
    tables.erase(next);
  }
  tables = std::move(sorted);
}

}  // namespace

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
  return text;
}

Database::Database(const Location& location, Access access)
    : name_(location.name), engine_(make_engine(location)) {
  guard("open it", [&] { engine_->open(session_, access); });
}

void Database::begin(Access access) {
  guard("begin a transaction", [&] { engine_->begin(session_, access); });
}

void Database::commit() {
  guard("commit the changes", [&] { session_ << "COMMIT"; });
}

std::vector<std::string> Database::table_names() {
  std::vector<std::string> names;
  for_each<std::string>({"look for tables", engine_->table_names()},
                        [&](const std::string& name) { names.push_back(name); });
  return names;
}

bool Database::has_table(std::string_view name) {
  const auto names = table_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool Database::is_empty() {
  return table_names().empty();
}

void Database::make_concurrent() {
  guard("let it be read while it is written", [&] { engine_->make_concurrent(session_); });
}

std::vector<Table> Database::tables() {
  std::vector<Table> tables;
  for_each<std::string, std::string, std::string>(
      {"read the columns of tables", engine_->columns()},
      [&](const std::string& table, const std::string& column, const std::string& type) {
        if (tables.empty() || tables.back().name != table) tables.push_back({table, {}});
        tables.back().columns.push_back({column, kind_of(type)});
      });
  std::multimap<std::string, std::string> references;
  for_each<std::string, std::string>({"read the foreign keys", engine_->references()},
                                     [&](const std::string& table, const std::string& other) {
                                       references.emplace(table, other);
                                     });
  sort_by_references(tables, references);
  return tables;
}

std::map<std::string, std::int64_t> Database::last_ids() {
  std::map<std::string, std::int64_t> ids;
  for_each<std::string, std::int64_t>(
      {"read the last ids", engine_->last_ids()},
      [&](const std::string& table, std::int64_t id) { ids.emplace(table, id); });
  return ids;
}

void Database::set_last_id(const std::string& table, std::int64_t id) {
  guard("set the last id", [&] { engine_->set_last_id(session_, table, id); });
}

void Database::execute_schema(std::string_view sql) {
  guard("change the schema", [&] { session_ << engine_->translate(sql); });
}

void Database::read(const Statement& statement, const std::function<void(const Row&)>& handle) {
  guard(statement.name, [&] { engine_->read(session_, std::string(statement.sql), handle); });
}

std::uint64_t Database::run(const Statement& statement,
                            const std::function<std::uint64_t(soci::statement&)>& body) {
  std::uint64_t result = 0;
  try {
    guard(statement.name, [&] { result = body(prepare(statement)); });
  } catch (...) {
    // It may stand in the middle of its rows, which would keep the transaction from ending.
    forget(statement.sql);
    throw;
  }
  return result;
}

soci::statement& Database::prepare(const Statement& statement) {
  const auto found = prepared_.find(statement.sql);
  if (found != prepared_.end()) return found->second;
  soci::statement prepared(session_);
  prepared.alloc();
  prepared.prepare(std::string(statement.sql));
  return prepared_.emplace(statement.sql, prepared).first->second;
}

void Database::forget(std::string_view sql) {
  const auto found = prepared_.find(sql);
  if (found != prepared_.end()) prepared_.erase(found);
}

void Database::fail(std::string_view doing, const soci::soci_error& error) {
  throw base::Error("catalog {}: cannot {}: {}", name_, doing, engine_->explain(session_, error));
}

}  // namespace mirrorway::catalog
