// A copy of a file that nobody can change any more.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/fd.h"

namespace mirrorway::geo {

// In a sealed memfd: forked children share it, and neither overwriting nor truncating the original
// touches it.
class SealedCopy {
 public:
  // Throws base::IoError, or base::Error for what is no regular file or longer than max_bytes.
  SealedCopy(const std::string& path, std::size_t max_bytes);
  SealedCopy(const SealedCopy&) = delete;
  SealedCopy& operator=(const SealedCopy&) = delete;
  ~SealedCopy();

  // Valid as long as this object.
  std::string_view bytes() const { return {static_cast<const char*>(mapping_), size_}; }
  // For libraries that open by path; they may keep it mapped after this object is gone. Needs
  // /proc.
  std::string path() const;

 private:
  base::Fd fd_;
  void* mapping_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace mirrorway::geo
