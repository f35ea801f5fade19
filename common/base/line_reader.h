// The lines of a file or pipe, one after the other, each with a bound.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/fd.h"

namespace mirrorway::base {

class LineReader {
 public:
  // `fd` must outlive this; `name` is for messages. Whoever writes into a pipe may be silent for
  // `max_silence`; 0: for ever.
  LineReader(const Fd& fd, std::string name, std::size_t max_line_bytes,
             std::chrono::milliseconds max_silence = std::chrono::milliseconds(0));

  // Without its LF, and valid until the next call; nullopt at the end. Throws IoError, and Error
  // for a longer line or silence.
  std::optional<std::string_view> next();

  std::size_t number() const { return number_; }  // of the line handed out last, from 1
  // Whether the line handed out last was ended by the end of the file.
  bool was_cut() const { return was_cut_; }

 private:
  bool fill();  // false at the end of the file
  void wait() const;

  const Fd& fd_;
  std::string name_;
  std::size_t max_line_bytes_;
  std::chrono::milliseconds max_silence_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not handed out yet
  std::size_t number_ = 0;
  bool was_cut_ = false;
};

}  // namespace mirrorway::base
