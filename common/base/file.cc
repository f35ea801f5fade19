#include "common/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "common/base/error.h"

namespace mirrorway::base {
namespace {

void sync_folder(const std::filesystem::path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) throw IoError(errno, "syncing folder {}", folder.string());
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) throw IoError(errno, "opening {}", path.string());
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw IoError(errno, "examining {}", path.string());
  if (!S_ISREG(status.st_mode)) throw Error("reading {}: not a regular file", path.string());
  if (static_cast<std::size_t>(status.st_size) > max_bytes)
    throw Error("reading {}: {} bytes, more than the {} allowed", path.string(), status.st_size,
                max_bytes);
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::read(fd.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw IoError(errno, "reading {}", path.string());
    if (n == 0) break;  // shortened meanwhile
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

void write_all(const Fd& fd, std::string_view bytes, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw IoError(errno, "writing {}", name);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void publish_file(const std::filesystem::path& path, std::string_view bytes) {
  PublishedFile file(path);
  file.append(bytes);
  file.commit();
}

PublishedFile::PublishedFile(const std::filesystem::path& path)
    : target_(std::filesystem::absolute(path)),
      temporary_(
          (target_.parent_path() / ("." + target_.filename().string() + ".XXXXXX")).string()),
      fd_(::mkostemp(temporary_.data(), O_CLOEXEC)) {
  if (!fd_) throw IoError(errno, "creating {} beside {}", temporary_, target_.string());
}

PublishedFile::~PublishedFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void PublishedFile::append(std::string_view bytes) {
  constexpr std::size_t kPiece = 1 << 20;
  if (pending_.size() + bytes.size() > kPiece) flush();
  if (bytes.size() > kPiece)
    write_all(fd_, bytes, temporary_);
  else
    pending_ += bytes;
}

void PublishedFile::flush() {
  write_all(fd_, pending_, temporary_);
  pending_.clear();
}

void PublishedFile::commit() {
  flush();
  constexpr mode_t kReadableByAll = 0644;
  if (::fchmod(fd_.get(), kReadableByAll) != 0 || ::fsync(fd_.get()) != 0)
    throw IoError(errno, "syncing {}", temporary_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0)
    throw IoError(errno, "renaming {} to {}", temporary_, target_.string());
  temporary_.clear();
  sync_folder(target_.parent_path());
}

}  // namespace mirrorway::base
