#include "tests/integration/mirrorlist_client/http_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "common/base/error.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "tests/support/wait_until.h"

namespace mirrorway::tests {

HttpPeer::HttpPeer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{kPatience.count(), 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw base::IoError(errno, "connecting to port {}", port);
}

void HttpPeer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void HttpPeer::get(std::string_view target) const {
  send(fmt::format("GET {} HTTP/1.1\r\nHost: test\r\n\r\n", target));
}

bool HttpPeer::receive() {
  std::array<char, 4096> buffer;
  const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (n <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(n));
  return true;
}

HttpAnswer HttpPeer::read(bool has_body) {
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  constexpr std::size_t kStatusAt = 9;
  while (received_.find("\r\n\r\n") == std::string::npos)
    if (!receive()) return {};
  HttpAnswer answer;
  const std::size_t head_bytes = received_.find("\r\n\r\n") + 4;
  answer.head = received_.substr(0, head_bytes);
  received_.erase(0, head_bytes);
  answer.status = static_cast<unsigned>(*base::parse_number(answer.head.substr(kStatusAt, 3), 999));
  const std::size_t digits = answer.head.find(kLength) + kLength.size();
  const std::size_t length = static_cast<std::size_t>(*base::parse_number(
      std::string_view(answer.head).substr(digits, answer.head.find('\r', digits) - digits),
      1U << 30U));
  while (has_body && received_.size() < length)
    if (!receive()) return {};
  if (has_body) {
    answer.body = received_.substr(0, length);
    received_.erase(0, length);
  }
  return answer;
}

bool HttpPeer::is_closed() {
  std::array<char, 1> byte;
  return received_.empty() && ::recv(socket_.get(), byte.data(), byte.size(), 0) == 0;
}

void HttpPeer::close_sending() const {
  ::shutdown(socket_.get(), SHUT_WR);
}

HttpAnswer fetch(std::uint16_t port, std::string_view target) {
  HttpPeer peer(port);
  peer.get(target);
  return peer.read();
}

}  // namespace mirrorway::tests
