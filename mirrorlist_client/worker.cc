#include "mirrorlist_client/worker.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "common/base/log.h"
#include "common/base/options.h"

namespace mirrorway::mirrorlist_client {
namespace {

// After this, clients that still do not read or finish their requests are left alone.
constexpr std::chrono::milliseconds kStopGrace{10'000};

// Lets the process have as many descriptors as its connections need, or as it may.
void raise_descriptor_limit(FrontEnd::Settings& settings) {
  constexpr rlim_t kOthers = 64;  // sockets that listen, libevent's, the log's
  const rlim_t others = kOthers + settings.lookups.connections;
  const rlim_t needed = settings.http.max_connections + others;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return;
  limit.rlim_cur = std::min(needed, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed) return;
  // Some must be left for the connections to the server.
  const rlim_t left = limit.rlim_cur > others ? limit.rlim_cur - others : 1;
  settings.http.max_connections = static_cast<std::uint32_t>(left);
  base::log(base::LogLevel::kWarning, "fewer connections than configured",
            "max_connections={} reason=\"the limit of open files is {}\"", left, limit.rlim_cur);
}

void run(FrontEnd::Settings settings, std::vector<base::Fd> sockets) {
  raise_descriptor_limit(settings);
  EventLoop loop;
  FrontEnd front_end(loop, std::move(sockets), std::move(settings));
  Event grace_is_over = Event::timer(loop, [&] { loop.stop(); });
  const auto finish = [&] {
    if (grace_is_over.is_waiting()) return;
    grace_is_over.start_in(kStopGrace);
    front_end.finish([&] { loop.stop(); });
  };
  Event on_terminate = Event::signal(loop, SIGTERM, finish);
  Event on_interrupt = Event::signal(loop, SIGINT, finish);
  Event on_rotate = Event::signal(loop, SIGUSR1, [&] { front_end.reopen_logs(); });
  on_terminate.start();
  on_rotate.start();
  on_interrupt.start();
  loop.run();
}

}  // namespace

int serve(FrontEnd::Settings settings, std::vector<base::Fd> sockets) noexcept {
  try {
    run(std::move(settings), std::move(sockets));
    return base::kExitSuccess;
  } catch (const std::exception& error) {
    base::log(base::LogLevel::kError, "worker failed", "error={}", base::quoted(error.what()));
    return base::kExitFailure;
  }
}

}  // namespace mirrorway::mirrorlist_client
