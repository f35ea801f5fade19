// Ends a process that takes too long over one answer.
#pragma once

#include <chrono>

namespace mirrorway::mirrorlist_server {

// One in a process. Answering costs no system call but the first time after a pause: a timer ticks
// once every `limit` while there is work, and ends the process with ChildExit::kHung when it finds
// the same answer under way twice. So an answer has between one and two times `limit`.
// Uses SIGALRM; the process must not have it blocked.
class HangWatch {
 public:
  // 0: no limit.
  explicit HangWatch(std::chrono::milliseconds limit);
  HangWatch(const HangWatch&) = delete;
  HangWatch& operator=(const HangWatch&) = delete;
  ~HangWatch();

  // An answer is begun.
  void begin();
  // No answer is under way any more.
  void end();

 private:
  std::chrono::milliseconds limit_;
};

}  // namespace mirrorway::mirrorlist_server
