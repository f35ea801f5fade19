#include <iostream>

#include "common/base/options.h"
#include "common/daemon/launch.h"
#include "common/daemon/log_options.h"
#include "mirrorlist_server/metrics.h"
#include "mirrorlist_server/parent.h"
#include "mirrorlist_server/settings.h"
#include "mirrorlist_server/verify.h"

int main(int argc, char** argv) {
  using namespace mirrorway;
  constexpr std::string_view kProgram = "mirrorlist_server";
  return base::run_main(kProgram, [&] {
    mirrorlist_server::Settings settings;
    base::Options options(std::string(kProgram), "Cache server of the Mirrorway mirror redirector");
    declare(options, settings);
    if (const auto status = options.parse(argc, argv)) return *status;
    if (!settings.to_verify.empty()) {
      std::cout << mirrorlist_server::verify_snapshot(settings.to_verify) << '\n';
      return base::kExitSuccess;
    }
    daemon::start_log(kProgram, settings.log, [] {
      mirrorlist_server::count(mirrorlist_server::Counter::kLogLinesDropped);
    });
    mirrorlist_server::Parent(settings, daemon::Launch::receive(argc, argv)).run();
    return base::kExitSuccess;
  });
}
