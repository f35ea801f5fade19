#include "common/catalog/database.h"

#include <filesystem>
#include <string>

namespace mirrorway::catalog {
namespace {

constexpr int kBusySeconds = 10;

std::string connection_string(const std::string& path, Access access) {
  return fmt::format("dbname=\"{}\" timeout={}{}", path, kBusySeconds,
                     access == Access::kRead ? " readonly=1" : "");
}

// SQLite would say the same of a missing file, a missing folder and a folder without permission.
void check_file(const std::string& path, Access access) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_regular_file(status)) return;
  if (fs::exists(status)) throw base::Error("catalog {}: no regular file", path);
  if (error && status.type() != fs::file_type::not_found)
    throw base::Error("catalog {}: {}", path, error.message());
  if (access != Access::kCreate)
    throw base::Error("catalog {}: no such file; \"mirror_admin init\" makes one", path);
  const fs::path folder = fs::absolute(path).parent_path();
  if (!fs::is_directory(folder, error))
    throw base::Error("catalog {}: no folder {}; make it first", path, folder.string());
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at))
    text.replace(at, from.size(), to);
  return text;
}

// What the library says after its own function names and before the statement's text.
std::string plain_message(const soci::soci_error& error) {
  std::string message = error.get_error_message();
  if (message.rfind("sqlite3_", 0) == 0) {
    const std::size_t colon = message.find(": ");
    if (colon != std::string::npos) message.erase(0, colon + 2);
  }
  return base::printable(message);
}

std::string advice(int code) {
  switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fmt::format("another program has kept it locked for {} seconds; try again",
                         kBusySeconds);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "the file is damaged or no SQLite database; restore it from a copy";
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return "this user may not write the file or its folder";
    case SQLITE_CANTOPEN:
      return "it cannot be opened; this user must be able to read it, and to write the files that "
             "SQLite keeps beside it (-wal and -shm)";
    case SQLITE_FULL:
      return "the disk is full";
    default:
      return {};
  }
}

}  // namespace

Database::Database(std::string path, Access access) : path_(std::move(path)) {
  check_file(path_, access);
  guard("open it", [&] {
    session_.open(soci::sqlite3, connection_string(path_, access));
    session_ << "PRAGMA foreign_keys = ON";
    // Readers and the one writer do not wait for each other. The mode stays with the file; it can
    // be set outside transactions only.
    if (access == Access::kCreate) session_ << "PRAGMA journal_mode = WAL";
  });
}

void Database::begin(Access access) {
  // A transaction that begins by reading could not become a writing one when another program has
  // written since, so writers say at once what they are.
  guard("begin a transaction",
        [&] { session_ << (access == Access::kRead ? "BEGIN" : "BEGIN IMMEDIATE"); });
}

void Database::commit() {
  guard("commit the changes", [&] { session_ << "COMMIT"; });
}

bool Database::has_table(std::string_view name) {
  static constexpr Statement kStatement{
      "look for a table",
      "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = :name"};
  return value<std::int64_t>(kStatement, name) > 0;
}

bool Database::is_empty() {
  static constexpr Statement kStatement{"look for tables", "SELECT count(*) FROM sqlite_master"};
  return value<std::int64_t>(kStatement) == 0;
}

void Database::execute_schema(std::string_view sql) {
  std::string text(sql);
  text = replace_all(std::move(text), "{identity}", "INTEGER PRIMARY KEY AUTOINCREMENT");
  text = replace_all(std::move(text), "{clustered}", "WITHOUT ROWID");
  guard("change the schema", [&] { session_ << text; });
}

std::uint64_t Database::run(const Statement& statement,
                            const std::function<std::uint64_t(soci::statement&)>& body) {
  std::uint64_t result = 0;
  try {
    guard(statement.name, [&] { result = body(prepare(statement)); });
  } catch (...) {
    // It may stand in the middle of its rows, which would keep the transaction from ending.
    prepared_.erase(statement.sql);
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

template <typename Body>
void Database::guard(std::string_view doing, const Body& body) {
  try {
    body();
  } catch (const soci::soci_error& error) {
    fail(doing, error);
  }
}

void Database::fail(std::string_view doing, const soci::soci_error& error) const {
  const auto* const known = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  const std::string hint = known != nullptr ? advice(known->result()) : std::string();
  throw base::Error("catalog {}: cannot {}: {}", path_, doing,
                    hint.empty() ? plain_message(error) : hint);
}

}  // namespace mirrorway::catalog
