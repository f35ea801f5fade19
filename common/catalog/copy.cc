#include "common/catalog/copy.h"

#include <algorithm>
#include <array>
#include <bit>

#include "common/base/error.h"
#include "common/catalog/database.h"
#include "common/catalog/schema.h"

namespace mirrorway::catalog {
namespace {

// FNV-1a: errors are to be found here, not attacks.
class RowHash {
 public:
  void add(std::string_view bytes) {
    for (const char byte : bytes) add_byte(static_cast<unsigned char>(byte));
  }
  void add(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) add_byte((value >> shift) & 0xFFU);
  }
  // Sums of these tell about any change of few rows.
  std::uint64_t value() const {
    std::uint64_t mixed = hash_;
    mixed = (mixed ^ (mixed >> 33U)) * 0xFF51AFD7ED558CCDULL;
    mixed = (mixed ^ (mixed >> 33U)) * 0xC4CEB9FE1A85EC53ULL;
    return mixed ^ (mixed >> 33U);
  }

 private:
  void add_byte(std::uint64_t byte) { hash_ = (hash_ ^ byte) * 0x100000001B3ULL; }

  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
};

// Hands the values of a row on, and sums it up.
template <typename Write>
std::uint64_t visit_row(const Table& table, const Row& row, const Write& write) {
  RowHash hash;
  for (int i = 0; i < static_cast<int>(table.columns.size()); ++i) {
    const ColumnKind kind = table.columns[static_cast<std::size_t>(i)].kind;
    if (row.is_null(i)) {
      hash.add(std::uint64_t{0});
      write(nullptr);
      continue;
    }
    hash.add(1 + static_cast<std::uint64_t>(kind));
    if (kind == ColumnKind::kInteger) {
      const std::int64_t value = row.integer(i);
      hash.add(static_cast<std::uint64_t>(value));
      write(value);
    } else if (kind == ColumnKind::kReal) {
      const double value = row.real(i);
      hash.add(std::bit_cast<std::uint64_t>(value));
      write(value);
    } else {
      const std::string_view value = row.text(i);
      hash.add(value.size());
      hash.add(value);
      write(value);
    }
  }
  return hash.value();
}

struct WriteTo {
  RowWriter& writer;
  void operator()(std::nullptr_t) const { writer.null(); }
  void operator()(std::int64_t value) const { writer.integer(value); }
  void operator()(double value) const { writer.real(value); }
  void operator()(std::string_view value) const { writer.text(value); }
};

struct WriteNowhere {
  template <typename T>
  void operator()(const T&) const {}
};

std::string select_all(const Table& table) {
  std::vector<std::string_view> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return fmt::format("SELECT {} FROM {}", fmt::join(names, ", "), table.name);
}

std::uint64_t count_rows(Database& database, const Table& table) {
  return database.value<std::uint64_t>(
      {"count rows", fmt::format("SELECT count(*) FROM {}", table.name)});
}

class Copier {
 public:
  Copier(Database& from, Database& to, const std::function<void(const CopyProgress&)>& report)
      : from_(from), to_(to), report_(report) {}

  std::vector<CopiedTable> run() {
    // Not those that somebody has put beside them.
    std::vector<Table> tables = to_.tables();
    std::erase_if(tables, [&](const Table& table) { return !from_.has_table(table.name); });
    empty(tables);
    for (const Table& table : tables) progress_.total += count_rows(from_, table);
    std::vector<CopiedTable> copied;
    copied.reserve(tables.size());
    for (const Table& table : tables) copied.push_back(copy(table));
    copy_last_ids(tables);
    verify(tables, copied);
    return copied;
  }

 private:
  // Away with what every new catalog has.
  void empty(const std::vector<Table>& tables) {
    constexpr std::array<std::string_view, 3> kInitial{"catalog_state", "country",
                                                       "schema_version"};
    for (const Table& table : tables) {
      if (std::find(kInitial.begin(), kInitial.end(), table.name) != kInitial.end())
        to_.execute({"empty a table", fmt::format("DELETE FROM {}", table.name)});
      else if (count_rows(to_, table) > 0)
        throw base::Error("catalog {}: table {} has rows; copy into a new catalog", to_.name(),
                          table.name);
    }
  }

  CopiedTable copy(const Table& table) {
    CopiedTable copied{table.name, 0, 0};
    progress_.table = table.name;
    to_.write(table, [&](RowWriter& writer) {
      from_.read({"read a table", select_all(table)}, [&](const Row& row) {
        copied.checksum += visit_row(table, row, WriteTo{writer});
        writer.end_row();
        ++copied.rows;
        step();
      });
    });
    return copied;
  }

  void copy_last_ids(const std::vector<Table>& tables) {
    const auto ids = from_.last_ids();
    for (const Table& table : tables)
      if (const auto found = ids.find(table.name); found != ids.end())
        to_.set_last_id(table.name, found->second);
  }

  void verify(const std::vector<Table>& tables, const std::vector<CopiedTable>& copied) {
    progress_.is_verifying = true;
    progress_.rows = 0;
    for (std::size_t i = 0; i < tables.size(); ++i) {
      CopiedTable found{tables[i].name, 0, 0};
      progress_.table = tables[i].name;
      to_.read({"read the copy", select_all(tables[i])}, [&](const Row& row) {
        found.checksum += visit_row(tables[i], row, WriteNowhere());
        ++found.rows;
        step();
      });
      if (found.rows != copied[i].rows || found.checksum != copied[i].checksum)
        throw base::Error(
            "catalog {}: nothing was copied: table {} came out as {} rows with checksum {:016x} "
            "instead of {} with {:016x}",
            to_.name(), found.name, found.rows, found.checksum, copied[i].rows, copied[i].checksum);
    }
  }

  void step() {
    constexpr std::uint64_t kRowsPerReport = 4096;
    if (++progress_.rows % kRowsPerReport == 0) report_(progress_);
  }

  Database& from_;
  Database& to_;
  const std::function<void(const CopyProgress&)>& report_;
  CopyProgress progress_;
};

}  // namespace

std::vector<CopiedTable> copy_catalog(std::string_view from, std::string_view to,
                                      const std::function<void(const CopyProgress&)>& progress) {
  Database source(parse_catalog_url(from).or_throw("copy --from"), Access::kRead);
  source.begin(Access::kRead);
  require_current_schema(source);
  init_catalog(to);
  Database target(parse_catalog_url(to).or_throw("copy --to"), Access::kWrite);
  target.begin(Access::kWrite);
  require_current_schema(target);
  auto copied = Copier(source, target, progress).run();
  target.commit();
  return copied;
}

}  // namespace mirrorway::catalog
