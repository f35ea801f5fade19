// MirrorManager's cache in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cache_builder/mirrormanager/reader.h"

namespace mirrorway::tests {

class CacheInMemory : public cache_builder::CacheBytes {
 public:
  // `bytes` must outlive this object.
  explicit CacheInMemory(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t size() const override { return bytes_.size(); }
  std::string_view view(std::uint64_t offset, std::size_t length) override {
    return bytes_.substr(offset, length);
  }
  void check_unchanged() override {}

 private:
  std::string_view bytes_;
};

}  // namespace mirrorway::tests
