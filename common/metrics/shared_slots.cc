#include "common/metrics/shared_slots.h"

#include <sys/mman.h>

#include <cerrno>

namespace mirrorway::metrics {

SharedMemory::SharedMemory(std::size_t bytes)
    : bytes_(bytes),
      data_(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
  if (data_ == MAP_FAILED) throw base::IoError(errno, "mapping {} bytes to count in", bytes);
}

SharedMemory::~SharedMemory() {
  ::munmap(data_, bytes_);
}

}  // namespace mirrorway::metrics
