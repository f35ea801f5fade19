// The access log: one line per answered request, for statistics.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "mirrorlist_client/access_entry.h"
#include "mirrorlist_client/event_loop.h"
#include "mirrorlist_client/log_writer.h"

namespace mirrorway::mirrorlist_client {

// Collects lines and hands them to a LogWriter once a second, or sooner when there are many. No
// answer waits for them: when the file does not take them, the first failure is logged, and lines
// are dropped and counted once too many are waiting.
class AccessLog {
 public:
  struct Settings {
    std::string path;  // empty: no log
    AccessFormat format = AccessFormat::kMirrorManager;
    bool has_short_addresses = false;
  };

  // Throws base::IoError. Nothing may fork afterwards.
  AccessLog(EventLoop& loop, Settings settings);
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  ~AccessLog();

  bool is_on() const { return writer_.has_value(); }
  void add(AccessEntry&& entry);
  // Without LF.
  void add_line(std::string_view line);
  // What follows goes to a new file at the path: the old one has been moved away by logrotate.
  void reopen();

 private:
  void hand_over();
  void note_problems();

  Settings settings_;
  std::optional<LogWriter> writer_;
  std::string lines_;
  std::uint64_t count_ = 0;  // in lines_
  bool has_failed_ = false;
  Event soon_;
};

}  // namespace mirrorway::mirrorlist_client
