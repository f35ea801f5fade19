#include "common/net/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "common/base/error.h"

namespace mirrorway::net {
namespace {

constexpr char kTemporaryMark = '~';  // a longer one would leave less room for the path

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof address.sun_path)
    throw base::Error("socket path {} has {} bytes; the system allows {}", text, text.size(),
                      sizeof address.sun_path - 1);
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

base::Fd make_socket(int flags) {
  base::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!fd) throw base::IoError(errno, "creating a Unix socket");
  return fd;
}

// The C API takes every address family by one pointer.
const sockaddr* as_sockaddr(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

bool is_somebody_listening(const std::filesystem::path& path) {
  const base::Fd probe = make_socket(SOCK_NONBLOCK);
  const sockaddr_un address = address_of(path);
  // A full backlog (EAGAIN) has a listener, too.
  return ::connect(probe.get(), as_sockaddr(address), sizeof address) == 0 || errno == EAGAIN;
}

std::optional<std::pair<dev_t, ino_t>> identity_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return std::pair(status.st_dev, status.st_ino);
}

void refuse_to_replace_what_is_in_use(const std::filesystem::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return;
  if (!S_ISSOCK(status.st_mode))
    throw base::Error("listening on {}: there is a file that is no socket", path.string());
  if (is_somebody_listening(path))
    throw base::Error("listening on {}: another server is listening there already", path.string());
}

}  // namespace

base::Fd listen_unix(const std::filesystem::path& path, const SocketAccess& access) {
  refuse_to_replace_what_is_in_use(path);
  base::Fd fd = make_socket(SOCK_NONBLOCK);
  const std::filesystem::path temporary =
      path.string() + kTemporaryMark + std::to_string(::getpid());
  const sockaddr_un address = address_of(temporary);
  ::unlink(temporary.c_str());
  if (::bind(fd.get(), as_sockaddr(address), sizeof address) != 0)
    throw base::IoError(errno, "binding the socket {}", temporary.string());
  const bool has_owner =
      access.owner != SocketAccess{}.owner || access.group != SocketAccess{}.group;
  if (::chmod(temporary.c_str(), access.mode) != 0 ||
      (has_owner && ::chown(temporary.c_str(), access.owner, access.group) != 0) ||
      ::listen(fd.get(), SOMAXCONN) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int code = errno;
    ::unlink(temporary.c_str());
    throw base::IoError(code, "listening on {}", path.string());
  }
  return fd;
}

std::string path_of(const base::Fd& socket) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  const std::string_view bound(address.sun_path,
                               ::strnlen(address.sun_path, sizeof address.sun_path));
  // The kernel knows one of listen_unix by its name before the renaming.
  const std::size_t last = bound.find_last_not_of("0123456789");
  const bool is_ours =
      last != std::string_view::npos && last + 1 < bound.size() && bound[last] == kTemporaryMark;
  return std::string(is_ours ? bound.substr(0, last) : bound);
}

base::Fd connect_unix(const std::filesystem::path& path, Blocking blocking) {
  base::Fd fd = make_socket(blocking == Blocking::kNo ? SOCK_NONBLOCK : 0);
  const sockaddr_un address = address_of(path);
  if (::connect(fd.get(), as_sockaddr(address), sizeof address) != 0)
    throw base::IoError(errno, "connecting to {}", path.string());
  return fd;
}

UnixSocketPath::UnixSocketPath(std::filesystem::path path) : path_(std::move(path)) {
  const auto identity = identity_of(path_);
  if (!identity) throw base::IoError(errno, "examining {}", path_.string());
  identity_ = *identity;
}

UnixSocketPath::~UnixSocketPath() {
  if (!path_.empty() && identity_of(path_) == identity_) ::unlink(path_.c_str());
}

}  // namespace mirrorway::net
