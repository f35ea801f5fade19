#include "tests/integration/mirrorlist_client/fake_server.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "common/net/unix_socket.h"

namespace mirrorway::tests {

std::optional<Conversation::Request> Conversation::read() {
  while (true) {
    wire::FrameBuffer::Frame frame{};
    if (received_.next(frame) == wire::FrameBuffer::State::kFrame) {
      Request request{frame.id, {}};
      if (!request.message.ParseFromArray(frame.payload.data(),
                                          static_cast<int>(frame.payload.size())))
        return std::nullopt;
      return request;
    }
    std::array<char, 4096> buffer;
    const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (n <= 0) return std::nullopt;
    received_.append({buffer.data(), static_cast<std::size_t>(n)});
  }
}

void Conversation::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Conversation::answer(std::uint32_t id, const proto::LookupResponse& response) const {
  std::string frame;
  wire::append_frame(id, response, frame);
  send(frame);
}

void Conversation::answer(const Request& request) const {
  proto::LookupResponse response;
  response.set_status(200);
  response.set_body(request.message.path() + "\n");
  response.set_found_via(proto::COUNTRY);
  answer(request.id, response);
}

void Conversation::answer_all() {
  while (const auto request = read()) answer(*request);
}

FakeServer::FakeServer(const std::filesystem::path& socket) : listener_(net::listen_unix(socket)) {}

FakeServer::~FakeServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  if (acceptor_.joinable()) acceptor_.join();
  for (const base::Fd& connection : connections_) ::shutdown(connection.get(), SHUT_RDWR);
  for (std::thread& thread : threads_) thread.join();
}

void FakeServer::start(Script script) {
  script_ = std::move(script);
  acceptor_ = std::thread([this] { accept_all(); });
}

void FakeServer::accept_all() {
  for (unsigned number = 0;; ++number) {
    pollfd polled{listener_.get(), POLLIN, 0};
    if (::poll(&polled, 1, -1) < 0) return;
    base::Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) return;
    const base::Fd& kept = connections_.emplace_back(std::move(connection));
    threads_.emplace_back([this, &kept, number] {
      Conversation conversation(kept);
      script_(conversation, number);
      ::shutdown(kept.get(), SHUT_RDWR);
    });
  }
}

}  // namespace mirrorway::tests
