// What differs between the databases that a catalog can be in. Private to this library.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/catalog/catalog_url.h"
#include "common/catalog/soci.h"

namespace mirrorway::catalog {

// kCreate is for the one who makes the tables.
enum class Access { kRead, kWrite, kCreate };

// How long a writer waits for another one.
inline constexpr int kBusySeconds = 10;

enum class ColumnKind { kInteger, kReal, kText };

struct Column {
  std::string name;
  ColumnKind kind;
};

struct Table {
  std::string name;
  std::vector<Column> columns;
};

// The row that `read` stands at; columns count from 0. What is no number throws base::Error.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;  // valid until the next row
};

// Puts rows into a table: the values of one in the order of Table::columns, then end_row. Without
// finish() at the end, which may throw what is wrong with any row, the transaction is lost.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  virtual void null() = 0;
  virtual void integer(std::int64_t value) = 0;
  virtual void real(double value) = 0;
  virtual void text(std::string_view value) = 0;
  virtual void end_row() = 0;
  virtual void finish() = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;

  // Throws base::Error where it can say more of it than the database; otherwise soci_error.
  virtual void open(soci::session& session, Access access) = 0;
  // Lets readers and the one writer not wait for each other, for good. Before any transaction, and
  // only of a database that is ours.
  virtual void make_concurrent(soci::session& session) = 0;
  // A read transaction sees one state and cannot write; a write transaction waits for the other
  // writers, then keeps them out.
  virtual void begin(soci::session& session, Access access) = 0;
  // A query of the names of the tables that there are.
  virtual std::string_view table_names() const = 0;
  // Schema text in the words of this database.
  virtual std::string translate(std::string_view schema) const = 0;
  // Calls `handle` for every row of a query without parameters, past SOCI, which is slow with many
  // rows, and with PostgreSQL holds all of them in memory. `handle` must not use this session;
  // what it throws ends the transaction.
  virtual void read(soci::session& session, const std::string& select,
                    const std::function<void(const Row&)>& handle) = 0;
  // The other way. Nothing else may use the session meanwhile.
  virtual std::unique_ptr<RowWriter> write(soci::session& session, const Table& table) = 0;
  // Queries of the columns of all tables (table, column, type) in their order, of the foreign keys
  // (table, the other table), and of the last ids that were given out (table, id).
  virtual std::string_view columns() const = 0;
  virtual std::string_view references() const = 0;
  virtual std::string_view last_ids() const = 0;
  virtual void set_last_id(soci::session& session, const std::string& table, std::int64_t id) = 0;
  // What went wrong and, where there is one, the way out.
  virtual std::string explain(soci::session& session, const soci::soci_error& error) const = 0;
};

std::unique_ptr<Engine> make_sqlite_engine(std::string path);
// `uri` as Location::target has it.
std::unique_ptr<Engine> make_postgresql_engine(std::string uri);

// Schema text is short; all occurrences.
std::string replace_all(std::string text, std::string_view from, std::string_view to);

}  // namespace mirrorway::catalog
