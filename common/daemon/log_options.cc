#include "common/daemon/log_options.h"

#include "common/base/log.h"

namespace mirrorway::daemon {

void declare_log(base::Options& options, LogSettings& settings) {
  options.add("log-level", settings.level, "debug|info|warning|error", "Least level to log");
  options.add("log-target", settings.target, "stderr|journald|auto",
              "Where lines are for: stderr (with the time), journald (on stderr, with the level as "
              "it reads it), or auto: journald when stderr leads there");
  options.add_check([&settings] {
    base::parse_log_level(settings.level);
    base::parse_log_target(settings.target);
  });
}

void start_log(std::string_view program, const LogSettings& settings, void (*on_drop)()) {
  base::start_log(program, base::parse_log_level(settings.level),
                  base::parse_log_target(settings.target), on_drop);
}

}  // namespace mirrorway::daemon
