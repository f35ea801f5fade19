#include "common/snapshot/shared_image.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>

#include "common/base/error.h"
#include "common/base/file.h"

namespace mirrorway::snapshot {
namespace {

std::span<const std::byte> seal_and_map(const base::Fd& memory) {
  constexpr int kAllSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (::fcntl(memory.get(), F_ADD_SEALS, kAllSeals) != 0)
    throw base::IoError(errno, "sealing a snapshot's memory");
  struct stat status {};
  if (::fstat(memory.get(), &status) != 0)
    throw base::IoError(errno, "examining a snapshot's memory");
  const auto size = static_cast<std::size_t>(status.st_size);
  // Filled at once: the first requests of every child then meet no page faults on it.
  void* const at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, memory.get(), 0);
  if (at == MAP_FAILED) throw base::IoError(errno, "mapping a snapshot of {} bytes", size);
  return {static_cast<const std::byte*>(at), size};
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
}

SharedImage::SharedImage(const base::Fd& memory) : block_(seal_and_map(memory)), image_(block_) {}

SharedImage::~SharedImage() {
  // The C API has no const.
  ::munmap(const_cast<std::byte*>(block_.data()), block_.size());
}

}  // namespace mirrorway::snapshot
