#include "common/geo/sealed_copy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <cerrno>

#include "common/base/error.h"

namespace mirrorway::geo {
namespace {

base::Fd open_regular(const std::string& path, std::size_t max_bytes) {
  // Without O_NONBLOCK a FIFO would hang the start.
  base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) throw base::IoError(errno, "opening {}", path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw base::IoError(errno, "examining {}", path);
  if (!S_ISREG(status.st_mode)) throw base::Error("{}: not a regular file", path);
  if (static_cast<std::size_t>(status.st_size) > max_bytes)
    throw base::Error("{}: {} bytes, more than the {} allowed", path, status.st_size, max_bytes);
  return fd;
}

}  // namespace

SealedCopy::SealedCopy(const std::string& path, std::size_t max_bytes)
    : fd_(::memfd_create("mirrorway-geo", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
  if (!fd_) throw base::IoError(errno, "creating memory for {}", path);
  const base::Fd original = open_regular(path, max_bytes);
  while (size_ <= max_bytes) {  // it may be growing
    const ssize_t n = ::sendfile(fd_.get(), original.get(), nullptr, max_bytes + 1 - size_);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw base::IoError(errno, "reading {}", path);
    if (n == 0) break;
    size_ += static_cast<std::size_t>(n);
  }
  if (size_ == 0) throw base::Error("{}: the file is empty", path);
  if (size_ > max_bytes) throw base::Error("{}: more than the {} bytes allowed", path, max_bytes);
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (::fcntl(fd_.get(), F_ADD_SEALS, kSeals) != 0)
    throw base::IoError(errno, "sealing the copy of {}", path);
  mapping_ = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd_.get(), 0);
  if (mapping_ == MAP_FAILED) throw base::IoError(errno, "mapping the copy of {}", path);
}

SealedCopy::~SealedCopy() {
  ::munmap(mapping_, size_);
}

std::string SealedCopy::path() const {
  return fmt::format("/proc/self/fd/{}", fd_.get());
}

}  // namespace mirrorway::geo
