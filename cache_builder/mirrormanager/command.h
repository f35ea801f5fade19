// import-mirrormanager and export-mirrormanager: the files, and what is said about them.
#pragma once

#include <string>

#include "cache_builder/publish.h"

namespace mirrorway::cache_builder {

struct ImportSettings {
  std::string cache;
  std::string netblocks;          // empty: none
  std::string country_continent;  // empty: what net knows
};

struct ExportSettings {
  std::string snapshot;
  std::string cache;
  std::string netblocks;  // empty: not written
};

// Both return the exit status; what they publish takes the place of the old file at once, or not at
// all. Throw base::Error that names the file.
int run_import(const ImportSettings& settings, const PublishSettings& publish_settings);
int run_export(const ExportSettings& settings);

}  // namespace mirrorway::cache_builder
