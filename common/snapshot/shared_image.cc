#include "common/snapshot/shared_image.h"

#include <fcntl.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>

#include "common/base/error.h"
#include "common/base/file.h"

namespace mirrorway::snapshot {
namespace {

// A child that answers from pages of this size meets a few page faults on the image and not dozens,
// and leaves as few mappings to be undone.
constexpr std::size_t kHugePageBytes = std::size_t{2} << 20U;

std::size_t rounded_up(std::size_t bytes) {
  return (bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
}

// Read-only, in whole huge pages from an address that is a multiple of theirs, which mmap does not
// give by itself. Throws base::IoError.
std::byte* map(const base::Fd& memory, std::size_t size) {
  const std::size_t mapped = rounded_up(size);
  const std::size_t reserved = mapped + kHugePageBytes;
  void* const space =
      ::mmap(nullptr, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space == MAP_FAILED) throw base::IoError(errno, "finding room for {} bytes", reserved);
  auto* const begin = static_cast<std::byte*>(space);
  const auto address = reinterpret_cast<std::uintptr_t>(space);
  const std::size_t before = rounded_up(address) - address;
  if (before > 0) ::munmap(begin, before);
  ::munmap(begin + before + mapped, reserved - before - mapped);
  std::byte* const at = begin + before;
  if (::mmap(at, mapped, PROT_READ, MAP_SHARED | MAP_FIXED, memory.get(), 0) == MAP_FAILED) {
    const int error = errno;
    ::munmap(at, mapped);
    throw base::IoError(error, "mapping a snapshot of {} bytes", size);
  }
  return at;
}

std::span<const std::byte> seal_and_map(const base::Fd& memory) {
  constexpr int kAllSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (::fcntl(memory.get(), F_ADD_SEALS, kAllSeals) != 0)
    throw base::IoError(errno, "sealing a snapshot's memory");
  struct stat status {};
  if (::fstat(memory.get(), &status) != 0)
    throw base::IoError(errno, "examining a snapshot's memory");
  const auto size = static_cast<std::size_t>(status.st_size);
  return {map(memory, size), size};
}

}  // namespace

base::Fd create_image_memory() {
  base::Fd memory(::memfd_create("mirrorway-snapshot", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) throw base::IoError(errno, "creating memory for a snapshot");
  return memory;
}

void store_image(const base::Fd& memory, std::span<const std::byte> block) {
  base::write_all(memory, {reinterpret_cast<const char*>(block.data()), block.size()},
                  "the memory of a snapshot");
  std::byte* const at = map(memory, block.size());
  // Linux 6.1 and later; where it does not work, the image stays in small pages.
  ::madvise(at, rounded_up(block.size()), MADV_COLLAPSE);
  ::munmap(at, rounded_up(block.size()));
}

SharedImage::SharedImage(const base::Fd& memory) : block_(seal_and_map(memory)), image_(block_) {}

SharedImage::~SharedImage() {
  // The C API has no const.
  ::munmap(const_cast<std::byte*>(block_.data()), rounded_up(block_.size()));
}

}  // namespace mirrorway::snapshot
