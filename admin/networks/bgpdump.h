// bgpdump as a child process: it reads routing tables in MRT form (RFC 6396).
//
// It is given bytes that are unpacked already: at a compressed file that was cut off it may end
// with success, or never. gzip and bzip2 check what they unpack.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin/networks/confined_program.h"
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
  ~Bgpdump() = default;

  // Valid until the next call; nullopt at the end.
  std::optional<std::string_view> next_line();
  std::size_t line_number() const { return lines_->number(); }
  // After the last line: throws when a child failed, or complained about the file. (bgpdump ends
  // with success even where the file does in the middle of a record.)
  void finish();

 private:
  std::string file_;
  base::Fd output_;
  std::string unpacker_name_;
  std::optional<ConfinedProgram> unpacker_;
  std::optional<ConfinedProgram> bgpdump_;
  std::optional<base::LineReader> lines_;
};

}  // namespace mirrorway::admin
