// Ends a process that takes too long over one answer.
#pragma once

#include <chrono>

namespace mirrorway::mirrorlist_server {

// One in a process, to its end. A timer ticks whenever the process has used another `limit` of
// processor time, and ends it with ChildExit::kHung when it finds the same answer under way twice.
// So an answer has between one and two times `limit`; answering costs no system call. Processor
// time, for a machine that is short of it, or stands still, makes no child a bad one.
// Uses SIGPROF; the process must not have it blocked.
class HangWatch {
 public:
  // 0: no limit.
  explicit HangWatch(std::chrono::milliseconds limit);
  HangWatch(const HangWatch&) = delete;
  HangWatch& operator=(const HangWatch&) = delete;

  // An answer is begun.
  void begin();
  // No answer is under way any more.
  void end();
};

}  // namespace mirrorway::mirrorlist_server
