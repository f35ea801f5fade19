// One connection: runs named statements with bound parameters and says in our words what went
// wrong. Private to this library; nothing else includes SOCI, so that the tables are known here
// only. What differs between databases is in engine.h, all other SQL in the shared dialect.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "common/catalog/engine.h"
#include "common/catalog/soci.h"
#include "common/catalog/stored.h"

namespace mirrorway::catalog {

// The name completes "cannot …" in messages.
struct Statement {
  std::string_view name;
  std::string_view sql;
};

class Database {
 public:
  // kCreate makes SQLite's file where there is none; a database of PostgreSQL must be there. Waits
  // up to kBusySeconds for other writers, then and later. Throws base::Error.
  Database(const Location& location, Access access);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // A read transaction sees one state from its first statement on; a write transaction keeps other
  // writers out from here on. Whatever is open at destruction is rolled back.
  void begin(Access access);
  void commit();

  const std::string& name() const { return name_; }  // for messages
  bool has_table(std::string_view name);
  bool is_empty();
  // What a catalog needs besides its tables; see Engine. Changes the database.
  void make_concurrent();
  // Schema text, in which {identity} and {clustered} stand for what the databases spell
  // differently.
  void execute_schema(std::string_view sql);

  // Both take any Stored type, and std::optional of it for NULL, as parameters in the order of
  // their first use in the statement. Returns the number of rows inserted, updated or deleted.
  template <typename... Args>
  std::uint64_t execute(const Statement& statement, const Args&... args) {
    return run(statement, [&](soci::statement& prepared) {
      std::tuple<Cell<Args>...> cells{to_cell(args)...};
      bind(prepared, cells);
      prepared.define_and_bind();
      prepared.execute(true);
      prepared.bind_clean_up();
      return static_cast<std::uint64_t>(prepared.get_affected_rows());
    });
  }

  // Calls handle(const Columns&...) for each row. The handler must not run this same statement.
  template <typename... Columns, typename Handler, typename... Args>
  void for_each(const Statement& statement, const Handler& handle, const Args&... args) {
    run(statement, [&](soci::statement& prepared) {
      std::tuple<Cell<Args>...> cells{to_cell(args)...};
      std::tuple<Cell<Columns>...> row;
      bind(prepared, cells);
      std::apply(
          [&](auto&... cell) { (prepared.exchange(soci::into(cell.value, cell.indicator)), ...); },
          row);
      prepared.define_and_bind();
      for (bool has_row = prepared.execute(true); has_row; has_row = prepared.fetch())
        std::apply([&](const auto&... cell) { handle(from_cell<Columns>(cell)...); }, row);
      prepared.bind_clean_up();
      return std::uint64_t{0};
    });
  }

  // As for_each, for many rows: in bounded memory and past SOCI. No parameters. The handler must
  // run no other statement.
  template <typename... Columns, typename Handler>
  void stream(const Statement& statement, const Handler& handle) {
    read(statement, [&](const Row& row) {
      [&]<int... I>(std::integer_sequence<int, I...>) {
        handle(from_row<Columns>(row, I)...);
      }
      (std::make_integer_sequence<int, sizeof...(Columns)>());
    });
  }
  void read(const Statement& statement, const std::function<void(const Row&)>& handle);

  // Puts rows into a table: fill(RowWriter&) writes them, and runs no other statement.
  template <typename Fill>
  void write(const Table& table, const Fill& fill) {
    guard("fill a table", [&] {
      const auto writer = engine_->write(session_, table);
      fill(*writer);
      writer->finish();
    });
  }
  // Tables that others refer to stand before these.
  std::vector<Table> tables();
  std::map<std::string, std::int64_t> last_ids();
  void set_last_id(const std::string& table, std::int64_t id);

  // Every row as a T, one member after the other in the order of the columns; past SOCI, too.
  template <typename T, typename... Members>
  std::vector<T> select(const Statement& statement, Members T::*... members) {
    std::vector<T> rows;
    stream<Members...>(statement, [&](const Members&... values) {
      T row;
      ((row.*members = values), ...);
      rows.push_back(std::move(row));
    });
    return rows;
  }

  // Of a statement that gives exactly one row, such as INSERT … RETURNING.
  template <typename T, typename... Args>
  T value(const Statement& statement, const Args&... args) {
    std::optional<T> result;
    for_each<T>(
        statement, [&](const T& found) { result = found; }, args...);
    if (!result) throw base::Error("catalog {}: cannot {}: no row", name_, statement.name);
    return *result;
  }

 private:
  template <typename T>
  struct Underlying {
    using Type = T;
  };
  template <typename T>
  struct Underlying<std::optional<T>> {
    using Type = T;
  };
  template <typename T>
  struct CellOf {
    typename Stored<typename Underlying<T>::Type>::Raw value{};
    soci::indicator indicator = soci::i_ok;
  };
  template <typename T>
  using Cell = CellOf<T>;

  template <typename T>
  static Cell<T> to_cell(const T& value) {
    return {Stored<T>::to_raw(value), soci::i_ok};
  }
  template <typename T>
  static Cell<std::optional<T>> to_cell(const std::optional<T>& value) {
    if (!value) return {{}, soci::i_null};
    return {Stored<T>::to_raw(*value), soci::i_ok};
  }

  template <typename T>
  static T from_cell(const Cell<T>& cell) {
    using Plain = typename Underlying<T>::Type;
    if constexpr (!std::same_as<T, Plain>) {
      if (cell.indicator == soci::i_null) return std::nullopt;
    } else {
      if (cell.indicator == soci::i_null) throw_damaged("NULL", "a value");
    }
    return Stored<Plain>::from_raw(cell.value);
  }

  template <typename T>
  static T from_row(const Row& row, int column) {
    using Plain = typename Underlying<T>::Type;
    using Raw = typename Stored<Plain>::Raw;
    if (row.is_null(column)) {
      if constexpr (std::same_as<T, Plain>)
        throw_damaged("NULL", "a value");
      else
        return std::nullopt;
    }
    if constexpr (std::same_as<Raw, long long>)
      return Stored<Plain>::from_raw(row.integer(column));
    else if constexpr (std::same_as<Raw, double>)
      return Stored<Plain>::from_raw(row.real(column));
    else
      return Stored<Plain>::from_raw(Raw(row.text(column)));
  }

  template <typename Cells>
  static void bind(soci::statement& prepared, Cells& cells) {
    std::apply(
        [&](auto&... cell) { (prepared.exchange(soci::use(cell.value, cell.indicator)), ...); },
        cells);
  }

  // Prepares the statement or takes the one prepared before, and translates errors. The body binds
  // its own variables, and unbinds them before they end.
  std::uint64_t run(const Statement& statement,
                    const std::function<std::uint64_t(soci::statement&)>& body);
  soci::statement& prepare(const Statement& statement);
  void forget(std::string_view sql);  // what was prepared
  std::vector<std::string> table_names();
  template <typename Body>
  void guard(std::string_view doing, const Body& body) {
    try {
      body();
    } catch (const soci::soci_error& error) {
      fail(doing, error);
    }
  }
  [[noreturn]] void fail(std::string_view doing, const soci::soci_error& error);

  std::string name_;
  std::unique_ptr<Engine> engine_;
  soci::session session_;
  std::map<std::string, soci::statement, std::less<>> prepared_;  // by the statement's text
};

}  // namespace mirrorway::catalog
