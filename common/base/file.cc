#include "common/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "common/base/error.h"

namespace mirrorway::base {
namespace {

constexpr std::string_view kRandomPart = "XXXXXX";  // of a temporary file's name, for mkostemp

std::string temporary_prefix(const std::filesystem::path& target) {
  return "." + target.filename().string() + ".";
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

RegularFile open_regular(const std::filesystem::path& path, std::size_t max_bytes) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) throw IoError(errno, "opening {}", path.string());
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw IoError(errno, "examining {}", path.string());
  if (!S_ISREG(status.st_mode)) throw Error("reading {}: not a regular file", path.string());
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > max_bytes)
    throw Error("reading {}: {} bytes, more than the {} allowed", path.string(), size, max_bytes);
  return {std::move(fd), size};
}

std::string read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const RegularFile file = open_regular(path, max_bytes);
  std::string bytes(file.size, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::read(file.fd.get(), bytes.data() + done, bytes.size() - done);
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

timespec replacement_time(const std::filesystem::path& path) {
  constexpr time_t kMostAhead = 3600;  // as fetch-snapshot allows another machine's clock
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  struct stat old {};
  if (::stat(path.c_str(), &old) != 0 || old.st_mtim.tv_sec < now.tv_sec ||
      old.st_mtim.tv_sec >= now.tv_sec + kMostAhead)
    return now;
  return {old.st_mtim.tv_sec + 1, 0};
}

void publish_file(const std::filesystem::path& path, std::string_view bytes) {
  PublishedFile file(path);
  file.append(bytes);
  file.commit();
}

PublishedFile::PublishedFile(const std::filesystem::path& path)
    : target_(std::filesystem::absolute(path)),
      temporary_((target_.parent_path() / temporary_prefix(target_).append(kRandomPart)).string()),
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

void PublishedFile::sync() {
  flush();
  constexpr mode_t kReadableByAll = 0644;
  const std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, replacement_time(target_)};
  if (::fchmod(fd_.get(), kReadableByAll) != 0 || ::futimens(fd_.get(), times.data()) != 0 ||
      ::fsync(fd_.get()) != 0)
    throw IoError(errno, "syncing {}", temporary_);
  fd_.reset();
}

void PublishedFile::commit() {
  if (fd_) sync();
  if (::rename(temporary_.c_str(), target_.c_str()) != 0)
    throw IoError(errno, "renaming {} to {}", temporary_, target_.string());
  temporary_.clear();
  sync_folder(target_.parent_path());
}

void remove_leftovers(const std::filesystem::path& path) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  const std::string prefix = temporary_prefix(path);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.size() != prefix.size() + kRandomPart.size() || !name.starts_with(prefix) ||
        !std::all_of(name.end() - kRandomPart.size(), name.end(), is_letter_or_digit))
      continue;
    if (::unlink(entry.path().c_str()) != 0 && errno != ENOENT)
      throw IoError(errno, "removing {}", entry.path().string());
  }
  if (error) throw IoError(error.value(), "listing {}", folder.string());
}

void give_to_owner_of(const std::filesystem::path& folder, const std::filesystem::path& path) {
  if (::geteuid() != 0) return;
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0 ||
      ::lchown(path.c_str(), status.st_uid, status.st_gid) != 0)
    throw IoError(errno, "giving {} to the owner of {}", path.string(), folder.string());
}

void sync_folder(const std::filesystem::path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) throw IoError(errno, "syncing folder {}", folder.string());
}

}  // namespace mirrorway::base
