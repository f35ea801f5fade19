// Memory that a process shares with those that it forks.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>

#include "common/base/error.h"

namespace mirrorway::metrics {

// Zeroed pages, shared with every process forked later; they see what others write. Unmapped by
// the destructor, in its own process.
class SharedMemory {
 public:
  // Throws base::IoError.
  explicit SharedMemory(std::size_t bytes);
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory();

  std::byte* data() const { return static_cast<std::byte*>(data_); }

 private:
  std::size_t bytes_;
  void* data_;
};

// `count` objects of T in such memory, each on cache lines of its own. T holds atomics and no
// pointers.
template <typename T>
class SharedSlots {
 public:
  static_assert(std::is_trivially_destructible_v<T>, "no process knows that it is the last one");

  explicit SharedSlots(std::size_t count) : count_(count), memory_(count * kStride) {
    for (std::size_t i = 0; i < count; ++i) new (place(i)) T();
  }

  std::size_t size() const { return count_; }
  T& operator[](std::size_t i) const {
    MIRRORWAY_ASSERT(i < count_);
    return *std::launder(reinterpret_cast<T*>(place(i)));
  }

 private:
  static constexpr std::size_t kCacheLine = 64;
  static constexpr std::size_t kStride = (sizeof(T) + kCacheLine - 1) / kCacheLine * kCacheLine;
  static_assert(alignof(T) <= kCacheLine);

  std::byte* place(std::size_t i) const { return memory_.data() + i * kStride; }

  std::size_t count_;
  SharedMemory memory_;
};

}  // namespace mirrorway::metrics
