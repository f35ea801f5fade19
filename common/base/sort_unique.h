// Lists that are sets: ascending, each value once.
#pragma once

#include <algorithm>
#include <vector>

namespace mirrorway::base {

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace mirrorway::base
