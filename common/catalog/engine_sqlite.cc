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

StatementPtr prepare(sqlite3* connection, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const int status = sqlite3_prepare_v2(connection, sql.c_str(), -1, &raw, nullptr);
  StatementPtr statement(raw);
  if (status != SQLITE_OK) fail(connection);
  return statement;
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

class SqliteWriter : public RowWriter {
 public:
  SqliteWriter(sqlite3* connection, const Table& table) : connection_(connection) {
    std::string names;
    std::string values;
    for (const Column& column : table.columns) {
      names += (names.empty() ? "" : ", ") + column.name;
      values += values.empty() ? "?" : ", ?";
    }
    statement_ = prepare(connection,
                         fmt::format("INSERT INTO {} ({}) VALUES ({})", table.name, names, values));
  }

  void null() override { check(sqlite3_bind_null(statement_.get(), ++bound_)); }
  void integer(std::int64_t value) override {
    check(sqlite3_bind_int64(statement_.get(), ++bound_, value));
  }
  void real(double value) override {
    check(sqlite3_bind_double(statement_.get(), ++bound_, value));
  }
  void text(std::string_view value) override {
    check(sqlite3_bind_text(statement_.get(), ++bound_, value.data(),
                            static_cast<int>(value.size()), SQLITE_TRANSIENT));
  }
  void end_row() override {
    if (sqlite3_step(statement_.get()) != SQLITE_DONE) fail(connection_);
    check(sqlite3_reset(statement_.get()));
    bound_ = 0;
  }
  void finish() override {}

 private:
  void check(int status) const {
    if (status != SQLITE_OK) fail(connection_);
  }

  sqlite3* connection_;
  StatementPtr statement_;
  int bound_ = 0;
};

// At most; it grows with what is written.
constexpr int kWriterCacheKilobytes = 128 << 10;

class SqliteEngine : public Engine {
 public:
  explicit SqliteEngine(std::string path) : path_(std::move(path)) {}

  void open(soci::session& session, Access access) override {
    check_file(path_, access);
    // A connection is used by one thread, and its lock would be taken twice for each value that is
    // read. Only the first open can say so.
    [[maybe_unused]] static const int kIsSaid = sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    session.open(soci::sqlite3, fmt::format("dbname=\"{}\" timeout={}{}", path_, kBusySeconds,
                                            access == Access::kRead ? " readonly=1" : ""));
    session << "PRAGMA foreign_keys = ON";
    // Rows that come directory by directory reach the end of every carriage's part of the index.
    // With SQLite's 2 MB for pages these are written out and read again all the time.
    if (access != Access::kRead)
      session << fmt::format("PRAGMA cache_size = -{}", kWriterCacheKilobytes);
  }

  // The mode stays with the file; it can be set outside transactions only.
  void make_concurrent(soci::session& session) override { session << "PRAGMA journal_mode = WAL"; }

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
    const StatementPtr statement = prepare(connection(session), select);
    const SqliteRow row(statement.get());
    int status = sqlite3_step(statement.get());
    for (; status == SQLITE_ROW; status = sqlite3_step(statement.get())) handle(row);
    if (status != SQLITE_DONE) fail(connection(session));
  }

  std::unique_ptr<RowWriter> write(soci::session& session, const Table& table) override {
    return std::make_unique<SqliteWriter>(connection(session), table);
  }

  std::string_view columns() const override {
    return "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c "
           "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid";
  }
  std::string_view references() const override {
    return "SELECT m.name, f.\"table\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f "
           "WHERE m.type = 'table'";
  }
  // An INSERT … SELECT of no row leaves 0, which is no id and which PostgreSQL does not take.
  std::string_view last_ids() const override {
    return "SELECT name, seq FROM sqlite_sequence WHERE seq > 0";
  }
  void set_last_id(soci::session& session, const std::string& table, std::int64_t id) override {
    session << fmt::format("DELETE FROM sqlite_sequence WHERE name = '{}'", table);
    session << fmt::format("INSERT INTO sqlite_sequence (name, seq) VALUES ('{}', {})", table, id);
  }

  std::string explain(soci::session&, const soci::soci_error& error) const override {
    const auto* const known = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    const std::string hint = known != nullptr ? advice(known->result()) : std::string();
    return hint.empty() ? plain_message(error) : hint;
  }

 private:
  static sqlite3* connection(soci::session& session) {
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
  }

  std::string path_;
};

}  // namespace

std::unique_ptr<Engine> make_sqlite_engine(std::string path) {
  return std::make_unique<SqliteEngine>(std::move(path));
}

}  // namespace mirrorway::catalog
