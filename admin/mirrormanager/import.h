// Moving in from a MirrorManager 2 database, as often as one likes. What becomes of each table:
// proto/MIRRORMANAGER_DATABASE.md.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/importing.h"
#include "admin/mirrormanager/rows.h"
#include "common/base/remarks.h"
#include "common/catalog/mirrormanager.h"
#include "common/catalog/writer.h"

namespace mirrorway::admin {

struct MirrormanagerReport {
  Tally sites;
  Tally hosts;
  Tally categories;
  Tally carriages;
  Tally directories;
  Tally repositories;
  Tally redirects;
  Tally files;  // versions of them
  Tally netblock_countries;
  Tally continents;
  std::size_t states = 0;  // of directories on hosts
  std::size_t written_states = 0;
  std::size_t forgotten_states = 0;
  std::vector<std::string> kept_hosts;         // carry a category that was read, but are not in it
  std::vector<std::string> kept_repositories;  // lie in a category that was read, but likewise
  std::vector<std::string> never_answered;     // private hosts without ASN, netblock and cloud
  std::vector<std::string> network_remarks;  // on hosts of MirrorManager's, see netblock_remarks.h
  base::Remarks remarks;
};

// Told of each row of the large tables before it is moved.
using MirrormanagerProgress =
    std::function<void(std::string_view what, std::size_t done, std::size_t total)>;

// Changes the catalog but does not commit. Throws base::Error when the whole import is impossible.
MirrormanagerReport import_mirrormanager(catalog::CatalogWriter& writer,
                                         const catalog::mirrormanager::Reader& source,
                                         Resolver resolve,
                                         const MirrormanagerProgress& progress = {});

}  // namespace mirrorway::admin
