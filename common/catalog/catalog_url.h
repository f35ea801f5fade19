// Where a catalog is.
#pragma once

#include <string>
#include <string_view>

#include "common/base/parsed.h"

namespace mirrorway::catalog {

inline constexpr std::string_view kDefaultCatalogUrl = "sqlite:///var/lib/mirrorway/catalog.db";

// The file of "sqlite:///PATH" (the absolute path /PATH; four slashes mean the same) or of
// "sqlite:PATH" (relative to the current folder). Refuses everything else.
base::Parsed<std::string> parse_catalog_url(std::string_view url);

}  // namespace mirrorway::catalog
