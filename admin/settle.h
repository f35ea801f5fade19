// Importing a row that may be in the catalog already.
#pragma once

#include "admin/import.h"
#include "common/catalog/writer.h"

namespace mirrorway::admin {

// Inserts what is new, updates what differs, and counts both. `existing` may be null.
template <typename Row>
void settle(catalog::CatalogWriter& writer, const Row* existing, Row& wanted, Tally& tally) {
  if (existing == nullptr) {
    wanted.id = writer.insert(wanted);
    ++tally.added;
  } else if (*existing == wanted) {
    ++tally.unchanged;
  } else {
    writer.update(wanted);
    ++tally.updated;
  }
}

}  // namespace mirrorway::admin
