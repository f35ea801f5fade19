#include "common/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "common/base/error.h"

namespace mirrorway::base {
namespace {

// Removes the temporary file unless it was renamed away.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target)
      : path_((target.parent_path() / ("." + target.filename().string() + ".XXXXXX")).string()),
        fd_(::mkostemp(path_.data(), O_CLOEXEC)) {
    if (!fd_) throw IoError(errno, "creating {} beside {}", path_, target.string());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  const Fd& fd() const { return fd_; }
  const std::string& path() const { return path_; }

  void rename_to(const std::filesystem::path& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0)
      throw IoError(errno, "renaming {} to {}", path_, target.string());
    path_.clear();
  }

 private:
  std::string path_;
  Fd fd_;
};

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
  const std::filesystem::path target = std::filesystem::absolute(path);
  TemporaryFile temporary(target);
  write_all(temporary.fd(), bytes, temporary.path());
  constexpr mode_t kReadableByAll = 0644;
  if (::fchmod(temporary.fd().get(), kReadableByAll) != 0 || ::fsync(temporary.fd().get()) != 0)
    throw IoError(errno, "syncing {}", temporary.path());
  temporary.rename_to(target);
  sync_folder(target.parent_path());
}

}  // namespace mirrorway::base
