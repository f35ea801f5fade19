// Importing an inventory and its repositories into the catalog. The formats, and what an import
// does to rows that exist, are described in proto/INVENTORY.md.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/importing.h"
#include "admin/inventory/repository_plan.h"
#include "common/catalog/writer.h"

namespace mirrorway::admin {

inline constexpr std::size_t kMaxInventoryFileBytes = 64 << 20;

struct ImportInput {
  std::string_view inventory;  // the file's bytes
  const RepositoriesFile& repositories;
  std::string category;
  std::string top_directory;          // empty: that of the category in the catalog, else its name
  bool allows_any_netblocks = false;  // an administrator's word, which is kept with the hosts
  // Told before each mirror is written.
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

struct ImportReport {
  std::size_t read = 0;
  std::vector<LineNote> refused;
  std::vector<LineNote> remarks;             // on lines that were kept
  std::vector<std::string> plan_remarks;     // on the repositories file
  std::vector<std::string> network_remarks;  // on hosts of the inventory, see netblock_remarks.h
  std::vector<std::string> never_answered;   // private hosts without ASN, netblock and cloud
  std::vector<std::string> kept_hosts;       // no longer in the inventory
  std::size_t without_country = 0;
  Tally sites;
  Tally hosts;
  Tally directories;
  Tally repositories;
  Tally redirects;

  std::size_t kept() const { return read - refused.size(); }
};

// Changes the catalog but does not commit. Throws base::Error when the whole import is impossible.
ImportReport import_inventory(catalog::CatalogWriter& writer, const ImportInput& input);

}  // namespace mirrorway::admin
