#include "common/base/line_reader.h"

#include <poll.h>

#include <cerrno>

#include "common/base/error.h"

namespace mirrorway::base {

LineReader::LineReader(const Fd& fd, std::string name, std::size_t max_line_bytes,
                       std::chrono::milliseconds max_silence)
    : fd_(fd), name_(std::move(name)), max_line_bytes_(max_line_bytes), max_silence_(max_silence) {}

std::optional<std::string_view> LineReader::next() {
  std::size_t searched = begin_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched);
    const bool is_whole = end != std::string::npos;
    if ((is_whole ? end : buffer_.size()) - begin_ > max_line_bytes_)
      throw Error("{}:{}: a line of more than {} bytes", name_, number_ + 1, max_line_bytes_);
    if (is_whole) {
      const std::string_view line = std::string_view(buffer_).substr(begin_, end - begin_);
      begin_ = end + 1;
      ++number_;
      return line;
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched = buffer_.size();
    if (!fill()) break;
  }
  if (buffer_.empty()) return std::nullopt;
  was_cut_ = true;
  begin_ = buffer_.size();
  ++number_;
  return buffer_;
}

bool LineReader::fill() {
  constexpr std::size_t kPiece = 1 << 18;
  wait();
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kPiece);
  ssize_t got = 0;
  do {
    got = ::read(fd_.get(), buffer_.data() + before, kPiece);
  } while (got < 0 && errno == EINTR);
  if (got < 0) throw IoError(errno, "reading {}", name_);
  buffer_.resize(before + static_cast<std::size_t>(got));
  return got > 0;
}

void LineReader::wait() const {
  if (max_silence_.count() == 0) return;
  pollfd entry{fd_.get(), POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&entry, 1, static_cast<int>(max_silence_.count()));
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) throw IoError(errno, "waiting for {}", name_);
  if (ready == 0) throw Error("{}: silent for {} seconds", name_, max_silence_.count() / 1000);
}

}  // namespace mirrorway::base
