// bgpdump as a child process: it reads routing tables in MRT form (RFC 6396), compressed or not.
// What it says is as hostile as the file that it reads, and it may crash on a bad one.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/base/fd.h"
#include "common/base/line_reader.h"

namespace mirrorway::admin {

// Whether the file starts like something for bgpdump: gzip, bzip2, or the header of an MRT record.
// Throws base::Error, also for what is no regular file.
bool is_route_dump(const std::string& file);

class Bgpdump {
 public:
  // Starts `program` (a path, or a name to be looked for in PATH). Throws base::Error when it does
  // not start; the other functions throw it, too.
  Bgpdump(const std::string& program, const std::string& file);
  Bgpdump(const Bgpdump&) = delete;
  Bgpdump& operator=(const Bgpdump&) = delete;
  ~Bgpdump();  // ends the child if it still runs

  // Valid until the next call; nullopt at the end.
  std::optional<std::string_view> next_line();
  std::size_t line_number() const { return lines_->number(); }
  // After the last line: throws when the child failed, or complained about the file. (It ends with
  // success even where the file does in the middle of a record.)
  void finish();

 private:
  void start(const std::string& program, const std::string& file);
  std::string complaint() const;

  std::string file_;
  base::Fd output_;
  base::Fd messages_;  // a file in memory
  std::optional<base::LineReader> lines_;
  pid_t pid_ = -1;
};

}  // namespace mirrorway::admin
