// The access log: one line per answered request, for statistics.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/base/fd.h"
#include "common/net/address.h"
#include "mirrorlist_client/event_loop.h"

namespace mirrorway::mirrorlist_client {

// What a line tells.
struct AccessEntry {
  net::Address client;
  std::chrono::system_clock::time_point time;
  std::string country;       // two letters; empty: unknown
  std::string repository;    // as asked for
  std::string architecture;  // as asked for
};

// As MirrorManager writes it, and statistics made for it read it: "IP: …; DATE: …; COUNTRY: …;
// REPO: …; ARCH: …". What could break the line is escaped. Dates are in UTC.
std::string format_mirrormanager(const AccessEntry& entry);

// Appends lines to a file, several at a time and never while an answer waits: they are collected in
// memory and written once a second. Several processes may append to one file. When it cannot be
// written, that is logged once and lines are dropped once they are more than kMaxUnwritten.
class AccessLog {
 public:
  static constexpr std::size_t kMaxUnwritten = std::size_t{4} << 20U;  // bytes

  // Opens the file, and makes it if need be. An empty path is no log. Throws base::IoError.
  AccessLog(EventLoop& loop, std::string path);
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  ~AccessLog();

  bool is_on() const { return !path_.empty(); }
  // Without LF.
  void add(std::string_view line);
  // Writes what there is and opens the path anew: the file has been moved away by logrotate.
  void reopen();

 private:
  void write_out();
  void note_failure(int error);

  std::string path_;
  base::Fd file_;
  std::string unwritten_;
  bool has_failed_ = false;
  Event soon_;
};

}  // namespace mirrorway::mirrorlist_client
