#include "cache_builder/diff_command.h"

#include <iostream>

#include "cache_builder/diff.h"
#include "cache_builder/exit_status.h"
#include "common/base/options.h"
#include "common/snapshot/file.h"

namespace mirrorway::cache_builder {
int run_diff(const DiffSettings& settings) {
  const Difference difference = compare(snapshot::load_file(settings.before).snapshot,
                                        snapshot::load_file(settings.after).snapshot);
  const Extent extent = settings.wants_all ? Extent::kAll : Extent::kSome;
  std::cout << (settings.wants_json ? format_difference_as_json(difference)
                                    : format_difference(difference, extent));
  return difference.is_any ? kExitDiffers : base::kExitSuccess;
}

}  // namespace mirrorway::cache_builder
