#include "mirrorlist_server/hang_watch.h"

#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "mirrorlist_server/child.h"

namespace mirrorway::mirrorlist_server {
namespace {

// Shared with the handler.
volatile std::sig_atomic_t answer_under_way = 0;  // its number; 0: none
volatile std::sig_atomic_t answer_at_last_tick = 0;
volatile std::sig_atomic_t is_ticking = 0;
std::sig_atomic_t last_answer = 0;

void tick_every(std::chrono::milliseconds interval) {
  constexpr int kMillisecondsPerSecond = 1000;
  const timeval time{interval.count() / kMillisecondsPerSecond,
                     interval.count() % kMillisecondsPerSecond * kMillisecondsPerSecond};
  const itimerval timer{time, time};
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

void tick(int /*signal*/) {
  const int saved = errno;
  const std::sig_atomic_t answer = answer_under_way;
  if (answer == 0) {
    is_ticking = 0;
    tick_every(std::chrono::milliseconds(0));  // a system call and nothing else, so safe here
  } else if (answer == answer_at_last_tick) {
    ::_exit(static_cast<int>(ChildExit::kHung));
  }
  answer_at_last_tick = answer;
  errno = saved;
}

}  // namespace

HangWatch::HangWatch(std::chrono::milliseconds limit) : limit_(limit) {
  struct sigaction action {};
  action.sa_handler = tick;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGALRM, &action, nullptr);
}

HangWatch::~HangWatch() {
  end();
  tick_every(std::chrono::milliseconds(0));
}

void HangWatch::begin() {
  constexpr std::sig_atomic_t kLargest = 1 << 30;
  last_answer = last_answer == kLargest ? 1 : last_answer + 1;
  // In this order: a tick between the two finds the answer and goes on ticking.
  answer_under_way = last_answer;
  if (is_ticking != 0 || limit_.count() == 0) return;
  is_ticking = 1;
  tick_every(limit_);
}

void HangWatch::end() {
  answer_under_way = 0;
}

}  // namespace mirrorway::mirrorlist_server
