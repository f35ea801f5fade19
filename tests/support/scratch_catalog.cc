#include "tests/support/scratch_catalog.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "tests/support/postgresql_server.h"

namespace mirrorway::tests {
namespace {

using catalog::EngineKind;

class SqliteDatabase : public ScratchDatabase {
 public:
  std::string url() const override { return "sqlite://" + path(); }

  std::string run(const std::string& sql) const override {
    sqlite3* const raw = open();
    const std::string all = "PRAGMA foreign_keys = ON;" + sql;
    std::string problem;
    if (sqlite3_exec(raw, all.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      problem = sqlite3_errmsg(raw);
    sqlite3_close(raw);
    return problem;
  }

  std::vector<std::string> query(const std::string& sql) const override {
    sqlite3* const raw = open();
    std::vector<std::string> rows;
    const auto collect = [](void* target, int columns, char** values, char**) {
      std::string row;
      for (int i = 0; i < columns; ++i)
        row += std::string(i == 0 ? "" : "|") + (values[i] == nullptr ? "NULL" : values[i]);
      static_cast<std::vector<std::string>*>(target)->push_back(row);
      return 0;
    };
    const int status = sqlite3_exec(raw, sql.c_str(), collect, &rows, nullptr);
    sqlite3_close(raw);
    if (status != SQLITE_OK) throw std::runtime_error("query: " + sql);
    return rows;
  }

  std::vector<std::string> tables() const override {
    return query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "ORDER BY name");
  }

  std::string path() const { return (folder_.path() / "catalog.db").string(); }

 private:
  sqlite3* open() const {
    sqlite3* raw = nullptr;
    if (sqlite3_open(path().c_str(), &raw) != SQLITE_OK) throw std::runtime_error("sqlite3_open");
    return raw;
  }

  TemporaryFolder folder_;
};

// SQLite's words for PostgreSQL's codes. A text in a column of numbers is refused by its type.
std::string constraint_of(std::string_view code) {
  if (code == "23505") return "UNIQUE ";
  if (code == "23503") return "FOREIGN KEY ";
  if (code == "23502") return "NOT NULL ";
  if (code == "23514" || code.starts_with("22")) return "CHECK ";
  return {};
}

// Rows that were inserted with an id make SQLite go on behind it.
constexpr const char* kSetSequences = R"(
  DO $$
  DECLARE
    identity record;
    last bigint;
  BEGIN
    FOR identity IN
      SELECT table_name, column_name FROM information_schema.columns
      WHERE table_schema = current_schema() AND is_identity = 'YES'
    LOOP
      EXECUTE format('SELECT max(%I) FROM %I', identity.column_name, identity.table_name) INTO last;
      IF last IS NOT NULL THEN
        PERFORM setval(pg_get_serial_sequence(identity.table_name, identity.column_name), last);
      END IF;
    END LOOP;
  END $$)";

class PostgresqlDatabase : public ScratchDatabase {
 public:
  explicit PostgresqlDatabase(const std::string& like) : name_(server().create_database(like)) {}
  PostgresqlDatabase(const PostgresqlDatabase&) = delete;
  PostgresqlDatabase& operator=(const PostgresqlDatabase&) = delete;
  ~PostgresqlDatabase() override { server().drop_database(name_); }

  static PostgresqlServer& server() { return PostgresqlServer::instance(); }

  std::string url() const override { return server().url(name_); }

  std::string run(const std::string& sql) const override {
    std::string problem = server().run(name_, sql);
    if (problem.empty()) {
      server().run(name_, kSetSequences);
      return problem;
    }
    constexpr std::size_t kCodeSize = 5;
    return constraint_of(problem.substr(0, kCodeSize)) + problem;
  }

  std::vector<std::string> query(const std::string& sql) const override {
    return server().query(name_, sql);
  }

  std::vector<std::string> tables() const override {
    return query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
  }

 private:
  std::string name_;
};

// Made once: copying it is faster.
const std::string& catalog_template() {
  static const std::string kName = [] {
    PostgresqlServer& server = PostgresqlServer::instance();
    std::string database = server.create_database();
    catalog::init_catalog(server.url(database), ScratchCatalog::clock);
    return database;
  }();
  return kName;
}

}  // namespace

EngineKind tested_engine() {
  const char* const engine = std::getenv("MIRRORWAY_TEST_CATALOG");
  return engine != nullptr && std::string_view(engine) == "postgresql" ? EngineKind::kPostgresql
                                                                       : EngineKind::kSqlite;
}

std::unique_ptr<ScratchDatabase> ScratchDatabase::make(EngineKind engine) {
  if (engine == EngineKind::kSqlite) return std::make_unique<SqliteDatabase>();
  return std::make_unique<PostgresqlDatabase>("template0");
}

ScratchCatalog::ScratchCatalog(EngineKind engine) {
  if (engine == EngineKind::kPostgresql) {
    database_ = std::make_unique<PostgresqlDatabase>(catalog_template());
    return;
  }
  database_ = ScratchDatabase::make(engine);
  catalog::init_catalog(url(), clock);
}

std::string ScratchCatalog::path() const {
  return dynamic_cast<const SqliteDatabase&>(*database_).path();
}

std::string ScratchCatalog::dump() const {
  std::string text;
  for (const std::string& table : database_->tables()) {
    std::vector<std::string> rows = query("SELECT * FROM " + table);
    std::sort(rows.begin(), rows.end());
    for (const std::string& row : rows) text.append(table).append(": ").append(row).append("\n");
  }
  return text;
}

}  // namespace mirrorway::tests
