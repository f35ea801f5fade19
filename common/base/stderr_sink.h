// Lines to stderr that never make the process wait: what a pipe, socket or terminal does not take
// at once, because nobody reads it, is dropped and counted. (A file on a disk that hangs cannot be
// helped: the kernel waits for it.)
#pragma once

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace mirrorway::base {

// For one thread.
class StderrSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  // Makes stderr non-blocking for this process and those that it starts, and for nobody else who
  // has it: a shell, a supervisor. Where that cannot be, it is looked before each line whether
  // there is room, which is as good unless another process takes the room in between. Dropped lines
  // are told of, when lines are taken again, in a line whose text begins with `prefix`; and at once
  // by a call of `on_drop`, unless it is null.
  StderrSink(std::string_view prefix, void (*on_drop)());

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  bool write(const spdlog::details::log_msg& message);
  ssize_t write_at_once(std::string_view text) const;

  bool may_block_;
  std::string prefix_;
  void (*on_drop_)();
  std::uint64_t dropped_ = 0;  // since the last that was told of
  bool is_line_open_ = false;  // the last one was taken in part
};

}  // namespace mirrorway::base
