#include "mirrorlist_client/server_link.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/base/error.h"
#include "common/net/unix_socket.h"

namespace mirrorway::mirrorlist_client {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10U;
constexpr std::chrono::milliseconds kFirstReconnectPause{10};
constexpr std::chrono::milliseconds kLongestReconnectPause{100};

}  // namespace

ServerLink::ServerLink(EventLoop& loop, const std::string& path, const Events& events)
    : loop_(loop),
      path_(path),
      events_(events),
      flush_soon_(Event::timer(loop, [this] { flush(); })),
      connect_later_(Event::timer(loop, [this] { connect(); })),
      received_(wire::kMaxResponseBytes) {}

void ServerLink::start() {
  connect_later_.run_soon();
}

void ServerLink::connect() {
  try {
    socket_ = net::connect_unix(path_, net::Blocking::kNo);
    is_refused_ = false;
  } catch (const base::Error& error) {
    is_refused_ = true;
    go_down(Counter::kServerRefused, error.what());
    return;
  }
  count(Counter::kServerConnections);
  received_ = wire::FrameBuffer(wire::kMaxResponseBytes);
  has_answered_ = false;
  sent_bytes_ = 0;
  readable_.emplace(Event::readable(loop_, socket_.get(), [this] { receive(); }));
  writable_.emplace(Event::writable(loop_, socket_.get(), [this] { flush(); }));
  readable_->start();
  events_.on_up(*this);
}

std::uint64_t ServerLink::send(std::string_view frame) {
  MIRRORWAY_ASSERT(is_up());
  if (unsent_.empty()) flush_soon_.run_soon();
  const std::uint64_t place = sent_bytes_ + unsent_.size();
  unsent_.append(frame);
  return place;
}

void ServerLink::flush() {
  if (!is_up() || unsent_.empty()) return;
  const ssize_t n = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN && errno != EINTR) {
    go_down(Counter::kServerClosed, base::IoError(errno, "sending").what());
    return;
  }
  const auto sent = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
  unsent_.erase(0, sent);
  sent_bytes_ += sent;
  if (!unsent_.empty()) {
    if (!writable_->is_waiting()) writable_->start();
    return;
  }
  if (writable_->is_waiting()) writable_->stop();
}

void ServerLink::receive() {
  const auto space = received_.space(kReadBytes);
  const ssize_t n = ::recv(socket_.get(), space.data(), space.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return go_down(Counter::kServerClosed, base::IoError(errno, "receiving").what());
  if (n == 0) return go_down(Counter::kServerClosed, "the server has closed the connection");
  received_.commit(static_cast<std::size_t>(n));
  if (!take_frames()) go_down(Counter::kServerBadFrame, "the server has sent what is no frame");
}

bool ServerLink::take_frames() {
  while (true) {
    wire::FrameBuffer::Frame frame{};
    switch (received_.next(frame)) {
      case wire::FrameBuffer::State::kIncomplete:
        return true;
      case wire::FrameBuffer::State::kCorrupt:
        return false;
      case wire::FrameBuffer::State::kFrame:
        if (!events_.on_frame(*this, frame.id, frame.payload)) return false;
        has_answered_ = true;
        pause_ = std::chrono::milliseconds(0);
    }
  }
}

void ServerLink::go_down(Counter reason, std::string problem) {
  count(reason);
  problem_ = std::move(problem);
  readable_.reset();
  writable_.reset();
  socket_.reset();
  unsent_.clear();
  if (!has_answered_) pause_ = std::clamp(2 * pause_, kFirstReconnectPause, kLongestReconnectPause);
  has_answered_ = false;
  connect_later_.start_in(pause_);
  events_.on_down(*this);
}

}  // namespace mirrorway::mirrorlist_client
