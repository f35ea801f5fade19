// The halves of an import from MirrorManager: hosts, and the content that they carry. Private to
// it.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "admin/mirrormanager/import.h"

namespace mirrorway::admin {

// What became of MirrorManager's rows, by its ids. Rows that were left out are not in it.
struct Moved {
  std::unordered_map<std::int64_t, catalog::SiteId> sites;
  std::unordered_map<std::int64_t, catalog::HostId> hosts;
  std::unordered_map<std::int64_t, catalog::Category> categories;
  std::unordered_map<std::int64_t, catalog::Carriage> carriages;
  std::unordered_map<std::int64_t, catalog::Directory> directories;
};

struct Move {
  catalog::CatalogWriter& writer;
  const catalog::mirrormanager::Reader& source;
  RowReader& rows;
  MirrormanagerReport& report;
  Moved& moved;
  const MirrormanagerProgress& progress;

  void tell(std::string_view what, std::size_t done, std::size_t total) const {
    if (progress) progress(what, done, total);
  }
};

void move_hosts(const Move& move);    // sites, hosts, categories, carriages
void move_content(const Move& move);  // directories, states, repositories, redirects, files

template <typename Map, typename Key>
const typename Map::mapped_type* find_row(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

// Of rows without an id: `known` is null when the catalog has none.
template <typename Row>
void settle_pair(catalog::CatalogWriter& writer, const void* known, bool is_same, const Row& wanted,
                 Tally& tally) {
  if (known == nullptr) {
    writer.insert(wanted);
    ++tally.added;
  } else if (is_same) {
    ++tally.unchanged;
  } else {
    writer.update(wanted);
    ++tally.updated;
  }
}

}  // namespace mirrorway::admin
