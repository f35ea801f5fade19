// A catalog of its own for one test, and a raw SQL connection to it, as somebody with a database
// shell has.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/catalog/schema.h"
#include "tests/support/temporary_folder.h"

namespace mirrorway::tests {

class ScratchCatalog {
 public:
  ScratchCatalog() { catalog::init_catalog(url(), clock); }

  static std::int64_t clock() { return 1'000'000; }

  std::string path() const { return (folder_.path() / "catalog.db").string(); }
  std::string url() const { return "sqlite://" + path(); }
  const TemporaryFolder& folder() const { return folder_; }

  // Runs statements with foreign keys on. Returns what SQLite has against them, or "".
  std::string run(const std::string& sql) const {
    sqlite3* raw = nullptr;
    if (sqlite3_open(path().c_str(), &raw) != SQLITE_OK) throw std::runtime_error("sqlite3_open");
    const std::string all = "PRAGMA foreign_keys = ON;" + sql;
    std::string problem;
    if (sqlite3_exec(raw, all.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      problem = sqlite3_errmsg(raw);
    sqlite3_close(raw);
    return problem;
  }

  // Every row of a query, columns joined by '|'.
  std::vector<std::string> query(const std::string& sql) const {
    sqlite3* raw = nullptr;
    if (sqlite3_open(path().c_str(), &raw) != SQLITE_OK) throw std::runtime_error("sqlite3_open");
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

  // All rows of all tables: two catalogs with equal texts are the same.
  std::string dump() const {
    std::string text;
    for (const std::string& table : query("SELECT name FROM sqlite_master WHERE type = 'table' AND "
                                          "name NOT LIKE 'sqlite_%' ORDER BY name")) {
      std::vector<std::string> rows = query("SELECT * FROM " + table);
      std::sort(rows.begin(), rows.end());
      for (const std::string& row : rows) text.append(table).append(": ").append(row).append("\n");
    }
    return text;
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace mirrorway::tests
