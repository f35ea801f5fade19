#include "common/catalog/database.h"

#include <algorithm>
#include <string>

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

std::vector<std::string> Database::tables() {
  std::vector<std::string> names;
  for_each<std::string>({"look for tables", engine_->table_names()},
                        [&](const std::string& name) { names.push_back(name); });
  return names;
}

bool Database::has_table(std::string_view name) {
  const auto names = tables();
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool Database::is_empty() {
  return tables().empty();
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

template <typename Body>
void Database::guard(std::string_view doing, const Body& body) {
  try {
    body();
  } catch (const soci::soci_error& error) {
    fail(doing, error);
  }
}

void Database::fail(std::string_view doing, const soci::soci_error& error) {
  throw base::Error("catalog {}: cannot {}: {}", name_, doing, engine_->explain(session_, error));
}

}  // namespace mirrorway::catalog
