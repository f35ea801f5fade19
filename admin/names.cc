#include "admin/names.h"

#include <algorithm>

#include "admin/nouns/matching.h"
#include "common/base/error.h"

namespace mirrorway::admin {
namespace {

template <typename Table, typename Id>
const auto& row_of(const Table& table, Id id) {
  const auto found = table.index.find(id);
  if (found == table.index.end())
    throw base::Error("the catalog is damaged: a row names id {}, which does not exist",
                      static_cast<std::int64_t>(id));
  return table.rows[found->second];
}

template <typename Row>
auto find_by_name(const std::vector<Row>& rows, std::string_view what, std::string_view word) {
  const TextsOf texts_of = [&](std::size_t index) { return std::vector{rows[index].name}; };
  return rows[only_one(match(all_indexes(rows.size()), texts_of, word), texts_of, what, word)].id;
}

}  // namespace

template <typename Row>
const Names::Table<Row>& Names::need(std::optional<Table<Row>>& table, Read<Row> read) {
  if (!table) {
    table.emplace();
    table->rows = (reader_.*read)();
    for (std::size_t i = 0; i < table->rows.size(); ++i) table->index.emplace(table->rows[i].id, i);
  }
  return *table;
}

const Names::Table<catalog::Site>& Names::sites() {
  return need(sites_, &catalog::CatalogReader::sites);
}

const Names::Table<catalog::Host>& Names::hosts() {
  return need(hosts_, &catalog::CatalogReader::hosts);
}

const Names::Table<catalog::Category>& Names::categories() {
  return need(categories_, &catalog::CatalogReader::categories);
}

const Names::Table<catalog::Directory>& Names::directories() {
  return need(directories_, &catalog::CatalogReader::directories);
}

std::string Names::site(catalog::SiteId id) {
  return row_of(sites(), id).name;
}

const catalog::Host& Names::host_row(catalog::HostId id) {
  return row_of(hosts(), id);
}

std::string Names::host(catalog::HostId id) {
  return host_row(id).name;
}

std::string Names::full_host(catalog::HostId id) {
  const catalog::Host& host = row_of(hosts(), id);
  return site(host.site) + "/" + host.name;
}

std::string Names::category(catalog::CategoryId id) {
  return row_of(categories(), id).name;
}

const catalog::Directory& Names::directory(catalog::DirectoryId id) {
  return row_of(directories(), id);
}

const catalog::Directory* Names::find_directory(std::string_view path) {
  const auto& rows = directories().rows;
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.path == path; });
  return found == rows.end() ? nullptr : &*found;
}

catalog::SiteId Names::find_site(std::string_view word) {
  return find_by_name(sites().rows, "site", word);
}

catalog::HostId Names::find_host(std::string_view word) {
  const auto& rows = hosts().rows;
  const TextsOf texts_of = [&](std::size_t index) {
    return std::vector{rows[index].name, full_host(rows[index].id)};
  };
  return rows[only_one(match(all_indexes(rows.size()), texts_of, word), texts_of, "host", word)].id;
}

catalog::DirectoryId Names::find_directory_by_part(std::string_view word) {
  const auto& rows = directories().rows;
  const TextsOf texts_of = [&](std::size_t index) { return std::vector{rows[index].path}; };
  return rows[only_one(match(all_indexes(rows.size()), texts_of, word), texts_of, "directory",
                       word)]
      .id;
}

catalog::CategoryId Names::find_category(std::string_view word) {
  return find_by_name(categories().rows, "category", word);
}

}  // namespace mirrorway::admin
