// To be loaded before the C library (LD_PRELOAD): the time of day is ahead by as many seconds,
// eight bytes, as the file has at this very moment that MIRRORWAY_STEPS names. The file is mapped,
// so that processes that may open nothing any more see its changes. Time that only passes
// (CLOCK_MONOTONIC) is left alone.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

const std::atomic<std::int64_t>* map_steps() {
  const char* const path = std::getenv("MIRRORWAY_STEPS");  // NOLINT(concurrency-mt-unsafe)
  const int fd = path != nullptr ? ::open(path, O_RDONLY | O_CLOEXEC) : -1;
  void* const mapped = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) std::abort();
  ::close(fd);
  return static_cast<const std::atomic<std::int64_t>*>(mapped);
}

std::int64_t ahead() {
  static const auto* const kSteps = map_steps();
  return kSteps->load();
}

timespec now(clockid_t clock) {
  using Function = int (*)(clockid_t, timespec*);
  static const auto kReal = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "clock_gettime"));
  timespec time{};
  if (kReal(clock, &time) != 0) std::abort();
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) time.tv_sec += ahead();
  return time;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  *time = now(clock);
  return 0;
}

int gettimeofday(timeval* time, void* /*zone*/) noexcept {
  const timespec precise = now(CLOCK_REALTIME);
  *time = {precise.tv_sec, precise.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* time) noexcept {
  const time_t seconds = now(CLOCK_REALTIME).tv_sec;
  if (time != nullptr) *time = seconds;
  return seconds;
}

}  // extern "C"
