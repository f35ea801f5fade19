// A short text in memory that processes share.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

namespace mirrorway::metrics {

// Written by one process, read by any. Who reads while it is being written may get parts of both
// texts: it is for people, nothing may depend on it.
class SharedText {
 public:
  static constexpr std::size_t kMaxBytes = 1000;  // the rest is cut off

  void set(std::string_view text) noexcept {
    const std::size_t length = std::min(text.size(), kMaxBytes);
    for (std::size_t i = 0; i < length; ++i) bytes_[i].store(text[i], std::memory_order_relaxed);
    bytes_[length].store('\0', std::memory_order_relaxed);
  }
  std::string get() const {
    std::string text;
    for (std::size_t i = 0; i < kMaxBytes; ++i) {
      const char c = bytes_[i].load(std::memory_order_relaxed);
      if (c == '\0') break;
      text += c;
    }
    return text;
  }

 private:
  std::array<std::atomic<char>, kMaxBytes + 1> bytes_{};
};

}  // namespace mirrorway::metrics
