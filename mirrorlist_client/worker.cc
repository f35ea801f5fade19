#include "mirrorlist_client/worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "common/base/log.h"
#include "common/base/options.h"
#include "common/daemon/signals.h"

namespace mirrorway::mirrorlist_client {
namespace {

// After this, clients that still do not read or finish their requests are left alone.
constexpr std::chrono::milliseconds kDrainGrace{10'000};

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

// With a successor in place: the next answer says that the connection ends, which tells the client
// to make another. Closing at once would meet requests that are on their way.
constexpr std::chrono::milliseconds kPatience{2'000};

void run(FrontEnd::Settings settings, std::vector<base::Fd> sockets, base::Fd ready) {
  raise_descriptor_limit(settings);
  EventLoop loop;
  FrontEnd front_end(loop, std::move(sockets), std::move(settings));
  Event grace_is_over = Event::timer(loop, [&] { loop.stop(); });
  const auto finish = [&](std::chrono::milliseconds patience) {
    if (grace_is_over.is_waiting()) return;
    grace_is_over.start_in(kDrainGrace);
    front_end.finish(patience, [&] { loop.stop(); });
  };
  const auto finish_now = [&] { finish(std::chrono::milliseconds(0)); };
  Event on_terminate = Event::signal(loop, SIGTERM, finish_now);
  Event on_interrupt = Event::signal(loop, SIGINT, finish_now);
  Event on_replaced = Event::signal(loop, SIGUSR2, [&] { finish(kPatience); });
  Event on_rotate = Event::signal(loop, SIGUSR1, [&] { front_end.reopen_logs(); });
  on_terminate.start();
  on_rotate.start();
  on_interrupt.start();
  on_replaced.start();
  daemon::unblock_signals();
  const pid_t pid = ::getpid();
  if (ready) (void)!::write(ready.get(), &pid, sizeof pid);
  ready.reset();
  loop.run();
}

}  // namespace

int serve(FrontEnd::Settings settings, std::vector<base::Fd> sockets, base::Fd ready) noexcept {
  try {
    run(std::move(settings), std::move(sockets), std::move(ready));
    return base::kExitSuccess;
  } catch (const std::exception& error) {
    base::log(base::LogLevel::kError, "worker failed", "error={}", base::quoted(error.what()));
    return base::kExitFailure;
  }
}

}  // namespace mirrorway::mirrorlist_client
