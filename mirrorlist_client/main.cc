#include "common/base/options.h"
#include "common/daemon/launch.h"
#include "common/daemon/log_options.h"
#include "mirrorlist_client/metrics.h"
#include "mirrorlist_client/settings.h"
#include "mirrorlist_client/supervisor.h"

int main(int argc, char** argv) {
  using namespace mirrorway;
  constexpr std::string_view kProgram = "mirrorlist_client";
  return base::run_main(kProgram, [&] {
    mirrorlist_client::Settings settings;
    base::Options options(std::string(kProgram),
                          "HTTP front end of the Mirrorway mirror redirector");
    declare(options, settings);
    if (const auto status = options.parse(argc, argv)) return *status;
    daemon::start_log(kProgram, settings.log, [] {
      mirrorlist_client::count(mirrorlist_client::Counter::kLogLinesDropped);
    });
    mirrorlist_client::Supervisor(settings, daemon::Launch::receive(argc, argv)).run();
    return base::kExitSuccess;
  });
}
