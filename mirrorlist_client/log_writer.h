// A thread that appends to a file what it is given, so that a slow or stuck disk delays nobody
// else.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "common/base/fd.h"

namespace mirrorway::mirrorlist_client {

class LogWriter {
 public:
  // What waits to be written; more is refused.
  static constexpr std::size_t kMaxUnwritten = std::size_t{4} << 20U;  // bytes

  // Opens the file, and makes it if need be; of a pipe, which needs a reader by now, no more is
  // written than it takes. Starts the thread: nothing may fork afterwards. Throws base::IoError.
  explicit LogWriter(std::string path);
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  // Writes what it has, unless that cannot be written now.
  ~LogWriter();

  // Takes whole lines, each with its LF, or returns false and takes nothing: the file could not
  // take as much as came. Waits for nothing but another call here.
  bool offer(std::string_view lines);

  // What has been offered goes to the file that is open, the rest to what is at the path then.
  // Stays with the old file, and reports that, when the new one cannot be opened.
  void reopen();

  // Why something could not be written or opened since the last call; empty: nothing.
  std::string take_problem();
  // Whether what was written last could not be.
  bool is_failing();

 private:
  void run();
  // Returns what is left of `lines`.
  std::string_view write(std::string_view lines);
  void open_anew();
  void report(std::string problem);

  const std::string path_;
  base::Fd file_;  // the thread's own once it runs
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::string offered_;
  std::size_t unwritten_bytes_ = 0;       // offered_, and what the thread holds
  std::optional<std::size_t> reopen_at_;  // so much of offered_ is for the old file
  bool is_stopping_ = false;
  std::string problem_;
  bool is_failing_ = false;
  std::thread thread_;
};

}  // namespace mirrorway::mirrorlist_client
