// diff: the files, and the exit status.
#pragma once

#include <string>

namespace mirrorway::cache_builder {

struct DiffSettings {
  std::string before;
  std::string after;
  bool wants_all = false;
  bool wants_json = false;
};

// Prints to stdout. Returns kExitSuccess when nothing but the state of the catalog changed, else
// kExitDiffers. Throws base::Error that names the file.
int run_diff(const DiffSettings& settings);

}  // namespace mirrorway::cache_builder
