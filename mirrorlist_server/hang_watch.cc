#include "mirrorlist_server/hang_watch.h"

#include <sys/time.h>
#include <unistd.h>

#include <csignal>

#include "mirrorlist_server/child.h"

namespace mirrorway::mirrorlist_server {
namespace {

// Shared with the handler.
volatile std::sig_atomic_t answer_under_way = 0;  // its number; 0: none
volatile std::sig_atomic_t answer_at_last_tick = 0;
std::sig_atomic_t last_answer = 0;

void tick(int /*signal*/) {
  const std::sig_atomic_t answer = answer_under_way;
  if (answer != 0 && answer == answer_at_last_tick) ::_exit(static_cast<int>(ChildExit::kHung));
  answer_at_last_tick = answer;
}

}  // namespace

HangWatch::HangWatch(std::chrono::milliseconds limit) {
  if (limit.count() == 0) return;
  struct sigaction action {};
  action.sa_handler = tick;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGPROF, &action, nullptr);
  constexpr int kMillisecondsPerSecond = 1000;
  const timeval time{limit.count() / kMillisecondsPerSecond,
                     limit.count() % kMillisecondsPerSecond * kMillisecondsPerSecond};
  const itimerval timer{time, time};
  ::setitimer(ITIMER_PROF, &timer, nullptr);
}

void HangWatch::begin() {
  constexpr std::sig_atomic_t kLargest = 1 << 30;
  last_answer = last_answer == kLargest ? 1 : last_answer + 1;
  answer_under_way = last_answer;
}

void HangWatch::end() {
  answer_under_way = 0;
}

}  // namespace mirrorway::mirrorlist_server
