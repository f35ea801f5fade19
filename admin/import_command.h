// mirror_admin import inventory and import directory-states.
#pragma once

#include <string>

namespace mirrorway::admin {

struct ImportSettings {
  std::string inventory;
  std::string repositories;
  std::string category;       // empty: the file's name without ".jsonl" and "-mirrors"
  std::string top_directory;  // empty: that of the category in the catalog, else its name
  bool allows_any_netblocks = false;
  bool is_strict = false;
  bool is_dry_run = false;
};

struct StatesSettings {
  std::string host;  // an unambiguous part of its name
  std::string file;
  bool is_strict = false;
  bool is_dry_run = false;
};

// Both print bad lines and remarks on stderr, the summary on stdout, and return the exit status.
int run_import_states(const std::string& catalog_url, const StatesSettings& settings);
int run_import(const std::string& catalog_url, const ImportSettings& settings);

}  // namespace mirrorway::admin
