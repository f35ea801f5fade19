// A catalog of its own for one test, and a raw SQL connection to it, as somebody with a database
// shell has. Test programs of the catalog run twice: with SQLite, and with PostgreSQL where the
// environment says MIRRORWAY_TEST_CATALOG=postgresql.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/catalog/catalog_url.h"
#include "common/catalog/schema.h"
#include "tests/support/temporary_folder.h"

namespace mirrorway::tests {

catalog::EngineKind tested_engine();

// An empty database of either kind.
class ScratchDatabase {
 public:
  static std::unique_ptr<ScratchDatabase> make(catalog::EngineKind engine);
  virtual ~ScratchDatabase() = default;

  virtual std::string url() const = 0;
  // Runs statements with foreign keys on. Returns what the database has against them, with
  // SQLite's name for the kind of constraint in it, or "".
  virtual std::string run(const std::string& sql) const = 0;
  // Every row of a query, columns joined by '|'.
  virtual std::vector<std::string> query(const std::string& sql) const = 0;
  virtual std::vector<std::string> tables() const = 0;
};

class ScratchCatalog {
 public:
  explicit ScratchCatalog(catalog::EngineKind engine = tested_engine());

  static std::int64_t clock() { return 1'000'000; }

  std::string path() const;  // of SQLite's file
  std::string url() const { return database_->url(); }
  const TemporaryFolder& folder() const { return folder_; }

  std::string run(const std::string& sql) const { return database_->run(sql); }
  std::vector<std::string> query(const std::string& sql) const { return database_->query(sql); }
  // All rows of all tables: two catalogs with equal texts are the same.
  std::string dump() const;

 private:
  TemporaryFolder folder_;
  std::unique_ptr<ScratchDatabase> database_;
};

}  // namespace mirrorway::tests
