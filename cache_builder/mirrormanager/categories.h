// Categories out of a cache that has none: directories with the same top belong together as long as
// every host has the same URLs in all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cache_builder/mirrormanager/directories.h"

namespace mirrorway::cache_builder {

struct PlannedCategory {
  std::string name;
  std::string top_directory;
  std::vector<UrlListNumber> lists;  // by HostNumber
};

struct CategoryPlan {
  std::vector<PlannedCategory> categories;
  std::vector<std::optional<std::uint32_t>> of_directory;  // nullopt: there are too many categories
};

// Takes directories by path; each goes to the first category of its top that it agrees with, or
// opens another one. A category is called as its top ("/" for the top of everything), further ones
// of the same top "pub/os 2", "pub/os 3", and so on.
CategoryPlan plan_categories(const SeenDirectories& seen, base::Remarks& remarks);

}  // namespace mirrorway::cache_builder
