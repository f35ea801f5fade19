#include "mirrorlist_server/server_socket.h"

#include <sys/socket.h>

#include <utility>

#include "common/base/error.h"
#include "common/base/log.h"

namespace mirrorway::mirrorlist_server {
namespace {

constexpr std::string_view kOwnName = "own-lookup";

net::SocketAccess access_to(const Settings& settings,
                            const std::optional<daemon::Identity>& identity) {
  net::SocketAccess access;
  access.mode = socket_mode(settings);
  if (identity) access.owner = identity->user;
  if (identity) access.group = identity->group;
  if (const auto group = socket_group(settings)) access.group = *group;
  return access;
}

daemon::NamedSocket check_passed(daemon::NamedSocket socket, const Settings& settings) {
  int family = 0;
  socklen_t size = sizeof family;
  if (::getsockopt(socket.fd.get(), SOL_SOCKET, SO_DOMAIN, &family, &size) != 0 ||
      family != AF_UNIX)
    throw base::Error("the socket that was passed is no Unix socket");
  const std::string path = net::path_of(socket.fd);
  if (path == settings.socket) return socket;
  if (daemon::is_own(socket))
    throw base::Error(
        "the socket that was handed over is not at {}: another --socket needs a "
        "restart",
        settings.socket);
  // Whoever sets --socket under systemd would wait for front ends in vain, and wonder.
  if (settings.socket != Settings{}.socket)
    base::log(base::LogLevel::kWarning, "a socket was passed, so socket is ignored",
              "passed={} socket={}", base::quoted(path), base::quoted(settings.socket));
  return socket;
}

daemon::NamedSocket take_socket(const Settings& settings,
                                const std::optional<daemon::Identity>& identity,
                                daemon::Launch& launch) {
  if (launch.sockets.size() > 1)
    throw base::Error("{} sockets were passed; one is what there is use for",
                      launch.sockets.size());
  if (launch.sockets.empty())
    return {net::listen_unix(settings.socket, access_to(settings, identity)),
            std::string(kOwnName)};
  daemon::NamedSocket passed = std::move(launch.sockets.front());
  launch.sockets.clear();
  return check_passed(std::move(passed), settings);
}

}  // namespace

ServerSocket::ServerSocket(const Settings& settings,
                           const std::optional<daemon::Identity>& identity, daemon::Launch& launch)
    : was_passed_(!launch.sockets.empty()), socket_(take_socket(settings, identity, launch)) {
  if (daemon::is_own(socket_)) path_of_own_ = settings.socket;
  if (!was_passed_) path_ = std::make_unique<net::UnixSocketPath>(path_of_own_);
}

void ServerSocket::take_over() {
  if (was_passed_ && !path_of_own_.empty())
    path_ = std::make_unique<net::UnixSocketPath>(path_of_own_);
}

void ServerSocket::hand_over() {
  if (path_) path_->release();
}

void ServerSocket::close() {
  socket_.fd.reset();
  path_.reset();
}

}  // namespace mirrorway::mirrorlist_server
