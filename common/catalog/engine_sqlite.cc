#include <filesystem>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/catalog/engine.h"
#include "common/catalog/stored.h"

namespace mirrorway::catalog {
namespace {

using namespace sqlite_api;  // what SOCI has put SQLite into

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

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementPtr = std::unique_ptr<sqlite3_stmt, Finalize>;

[[noreturn]] void fail(sqlite3* connection) {
  throw soci::sqlite3_soci_error(sqlite3_errmsg(connection), sqlite3_errcode(connection));
}

class SqliteRow : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}

  bool is_null(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  std::int64_t integer(int column) const override {
    if (sqlite3_column_type(statement_, column) != SQLITE_INTEGER)
      throw_damaged(text(column), "a whole number");
    return sqlite3_column_int64(statement_, column);
  }
  double real(int column) const override {
    const int type = sqlite3_column_type(statement_, column);
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER) throw_damaged(text(column), "a number");
    return sqlite3_column_double(statement_, column);
  }
  std::string_view text(int column) const override {
    // In this order: the length is that of the text.
    const auto* const bytes = sqlite3_column_text(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return {reinterpret_cast<const char*>(bytes), bytes == nullptr ? 0 : size};
  }

 private:
  sqlite3_stmt* statement_;
};

class SqliteEngine : public Engine {
 public:
  explicit SqliteEngine(std::string path) : path_(std::move(path)) {}

  void open(soci::session& session, Access access) override {
    check_file(path_, access);
    session.open(soci::sqlite3, fmt::format("dbname=\"{}\" timeout={}{}", path_, kBusySeconds,
                                            access == Access::kRead ? " readonly=1" : ""));
    session << "PRAGMA foreign_keys = ON";
    // Readers and the one writer do not wait for each other. The mode stays with the file; it can
    // be set outside transactions only.
    if (access == Access::kCreate) session << "PRAGMA journal_mode = WAL";
  }

  void begin(soci::session& session, Access access) override {
    // A transaction that begins by reading could not become a writing one when another program has
    // written since, so writers say at once what they are.
    session << (access == Access::kRead ? "BEGIN" : "BEGIN IMMEDIATE");
  }

  std::string_view table_names() const override {
    return "SELECT name FROM sqlite_master WHERE type = 'table'";
  }

  std::string translate(std::string_view schema) const override {
    std::string text(schema);
    text = replace_all(std::move(text), "{identity}", "INTEGER PRIMARY KEY AUTOINCREMENT");
    return replace_all(std::move(text), "{clustered}", "WITHOUT ROWID");
  }

  void read(soci::session& session, const std::string& select,
            const std::function<void(const Row&)>& handle) override {
    sqlite3* const connection =
        static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
    sqlite3_stmt* raw = nullptr;
    const int prepared = sqlite3_prepare_v2(connection, select.c_str(), -1, &raw, nullptr);
    const StatementPtr statement(raw);
    if (prepared != SQLITE_OK) fail(connection);
    const SqliteRow row(raw);
    int status = sqlite3_step(raw);
    for (; status == SQLITE_ROW; status = sqlite3_step(raw)) handle(row);
    if (status != SQLITE_DONE) fail(connection);
  }

  std::string explain(soci::session&, const soci::soci_error& error) const override {
    const auto* const known = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    const std::string hint = known != nullptr ? advice(known->result()) : std::string();
    return hint.empty() ? plain_message(error) : hint;
  }

 private:
  std::string path_;
};

}  // namespace

std::unique_ptr<Engine> make_sqlite_engine(std::string path) {
  return std::make_unique<SqliteEngine>(std::move(path));
}

}  // namespace mirrorway::catalog
