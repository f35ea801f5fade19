// mirror_admin copy.
#pragma once

#include <string>

namespace mirrorway::admin {

struct CopySettings {
  std::string from;  // catalog URLs
  std::string to;
};

// Prints what was copied, and how far it is while stderr is a terminal. Returns the exit status.
int run_copy(const CopySettings& settings);

}  // namespace mirrorway::admin
