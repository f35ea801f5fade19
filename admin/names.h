// Between the ids in rows and the names that people write. Each table is read when it is first
// needed, so use one object within one transaction and before what it reads is changed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/catalog/reader.h"

namespace mirrorway::admin {

class Names {
 public:
  // `reader` must outlive this.
  explicit Names(const catalog::CatalogReader& reader) : reader_(reader) {}

  std::string site(catalog::SiteId id);
  const catalog::Host& host_row(catalog::HostId id);
  std::string host(catalog::HostId id);       // the name alone
  std::string full_host(catalog::HostId id);  // "site/name", which is unique
  std::string category(catalog::CategoryId id);
  const catalog::Directory& directory(catalog::DirectoryId id);
  const catalog::Directory* find_directory(std::string_view path);  // nullptr: there is none

  // An unambiguous part of the name is enough; a host may also be written "site/name". Throw
  // base::Error.
  catalog::SiteId find_site(std::string_view word);
  catalog::HostId find_host(std::string_view word);
  catalog::CategoryId find_category(std::string_view word);
  catalog::DirectoryId find_directory_by_part(std::string_view word);

 private:
  template <typename Row>
  struct Table {
    std::vector<Row> rows;
    std::map<decltype(Row::id), std::size_t> index;
  };
  template <typename Row>
  using Read = std::vector<Row> (catalog::CatalogReader::*)() const;
  template <typename Row>
  const Table<Row>& need(std::optional<Table<Row>>& table, Read<Row> read);
  const Table<catalog::Site>& sites();
  const Table<catalog::Host>& hosts();
  const Table<catalog::Category>& categories();
  const Table<catalog::Directory>& directories();

  const catalog::CatalogReader& reader_;
  std::optional<Table<catalog::Site>> sites_;
  std::optional<Table<catalog::Host>> hosts_;
  std::optional<Table<catalog::Category>> categories_;
  std::optional<Table<catalog::Directory>> directories_;
};

}  // namespace mirrorway::admin
