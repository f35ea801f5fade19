// An image in memory that processes share and nobody can change any more.
#pragma once

#include <cstddef>
#include <span>

#include "common/base/fd.h"
#include "common/snapshot/image.h"

namespace mirrorway::snapshot {

// An empty memfd for store_image, to be made before the process that fills it is forked. Throws
// base::IoError.
base::Fd create_image_memory();

// Throws base::IoError, for example when memory is short.
void store_image(const base::Fd& memory, std::span<const std::byte> block);

// The mapping lives as long as this object, in this process and in those forked from it.
class SharedImage {
 public:
  // Seals the memory against every further change and maps it. Throws base::IoError.
  explicit SharedImage(const base::Fd& memory);
  SharedImage(const SharedImage&) = delete;
  SharedImage& operator=(const SharedImage&) = delete;
  ~SharedImage();

  const Image& image() const { return image_; }
  std::size_t size() const { return block_.size(); }  // bytes

 private:
  std::span<const std::byte> block_;
  Image image_;
};

}  // namespace mirrorway::snapshot
