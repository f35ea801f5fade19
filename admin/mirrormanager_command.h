// mirror_admin import mirrormanager.
#pragma once

#include <string>

namespace mirrorway::admin {

struct MirrormanagerSettings {
  std::string from;  // the database, as a catalog URL names it
  bool resolves_names = false;
  bool is_dry_run = false;
};

// Prints what was left out on stderr, the summary on stdout. Returns the exit status.
int run_import_mirrormanager(const std::string& catalog_url, const MirrormanagerSettings& settings);

}  // namespace mirrorway::admin
