// The option --catalog, as every program has it that works on a catalog.
#pragma once

#include <string>

#include "common/base/options.h"

namespace mirrorway::catalog {

// Declares it; `url` keeps its value as the default. What is no URL of a catalog is a UsageError of
// options.parse, also with --check-config.
void declare_catalog(base::Options& options, std::string& url);

}  // namespace mirrorway::catalog
