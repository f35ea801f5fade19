// --log-level and --log-target, which every daemon has.
#pragma once

#include <string>
#include <string_view>

#include "common/base/options.h"

namespace mirrorway::daemon {

struct LogSettings {
  std::string level = "info";
  std::string target = "auto";
};

// The options, and the check of their values.
void declare_log(base::Options& options, LogSettings& settings);

// As base::start_log. Throws base::UsageError.
void start_log(std::string_view program, const LogSettings& settings, void (*on_drop)());

}  // namespace mirrorway::daemon
