#include "mirrorlist_client/http_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <variant>

#include "common/base/error.h"
#include "mirrorlist_client/metrics.h"

namespace mirrorway::mirrorlist_client {
namespace {

constexpr std::size_t kReadBytes = std::size_t{16} << 10U;
// How long a client may take to read an answer after which the connection is closed. Closing at
// once, with bytes of the client unread, would make the kernel throw the answer away.
constexpr std::chrono::milliseconds kLinger{2'000};
// Of answers in this process's memory, all connections together. The kernel takes what usual
// clients leave unread for a moment; past this, somebody asks for long answers and does not read.
constexpr std::uint64_t kMaxUnreadBytes = std::uint64_t{64} << 20U;

}  // namespace

HttpConnection::HttpConnection(EventLoop& loop, base::Fd socket, std::uint64_t id,
                               const net::Address& peer, const HttpTimeouts& timeouts,
                               const Events& events)
    : id_(id),
      peer_(peer),
      timeouts_(timeouts),
      events_(events),
      socket_(std::move(socket)),
      readable_(Event::readable(loop, socket_.get(), [this] { receive(); })),
      writable_(Event::writable(loop, socket_.get(), [this] { send_unsent(); })) {
  enter(State::kReading, timeouts_.request);
  readable_.start();
}

void HttpConnection::enter(State state, std::chrono::milliseconds timeout) {
  state_ = state;
  since_ = Clock::now();
  deadline_ = since_ + timeout;
}

void HttpConnection::receive() {
  std::array<char, kReadBytes> buffer;
  const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return close();
  if (state_ == State::kLingering) {
    if (n == 0) close();
    return;
  }
  if (n == 0) {
    // It may have closed its side only, and wait for the answer.
    is_at_end_ = true;
    readable_.stop();
    if (state_ == State::kReading) close();
    return;
  }
  const bool was_idle = received_.empty();
  received_.append(buffer.data(), static_cast<std::size_t>(n));
  if (state_ == State::kReading) {
    if (was_idle) enter(State::kReading, timeouts_.request);
    take_requests();
  } else if (received_.size() >= kReadBytes) {
    readable_.stop();  // until the answer is out
  }
}

// One after the other, as long as they are answered at once.
void HttpConnection::take_requests() {
  if (is_taking_) return;
  is_taking_ = true;
  while (state_ == State::kReading && take_request()) {
  }
  is_taking_ = false;
  if (state_ != State::kReading) return;
  if (is_at_end_) return close();
  if (!readable_.is_waiting()) readable_.start();
}

// Returns whether there was one.
bool HttpConnection::take_request() {
  skip_body();
  if (received_.empty() || body_to_skip_ > 0) return false;
  const auto parsed = http::parse_head(received_);
  if (std::holds_alternative<http::Incomplete>(parsed)) return false;
  state_ = State::kAnswering;
  taken_ = Clock::now();
  has_body_ = true;
  if (const auto* problem = std::get_if<http::Problem>(&parsed)) {
    // Where the next request would start is not known.
    after_answer_ = http::Connection::kCloses;
    events_.on_problem(*this, *problem);
    return true;
  }
  const auto& head = std::get<http::RequestHead>(parsed);
  has_body_ = head.method != "HEAD";
  after_answer_ = head.keeps_alive ? http::Connection::kStays : http::Connection::kCloses;
  body_to_skip_ = head.body_bytes;
  const std::size_t taken = head.head_bytes;
  events_.on_request(*this, head);
  received_.erase(0, taken);
  return true;
}

void HttpConnection::skip_body() {
  const auto skipped =
      static_cast<std::size_t>(std::min<std::uint64_t>(body_to_skip_, received_.size()));
  received_.erase(0, skipped);
  body_to_skip_ -= skipped;
}

void HttpConnection::answer(const http::Answer& answer, std::string_view date) {
  MIRRORWAY_ASSERT(state_ == State::kAnswering);
  // What was sent ahead is answered though its client has closed its side.
  const bool is_last = is_at_end_ && received_.empty();
  if (is_finishing_ || is_last) after_answer_ = http::Connection::kCloses;
  has_answered_ = true;
  enter(State::kWriting, timeouts_.write);
  send(http::encode_head(answer, date, after_answer_),
       has_body_ ? answer.body : std::string_view());
  own_metrics().answer_time.observe(Clock::now() - taken_);
}

// Straight from where they are; what the socket does not take is kept.
void HttpConnection::send(std::string_view head, std::string_view body) {
  // The C API has no const.
  std::array<iovec, 2> pieces{{{const_cast<char*>(head.data()), head.size()},
                               {const_cast<char*>(body.data()), body.size()}}};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  const ssize_t n = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN && errno != EINTR) return close();
  const auto sent = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
  if (sent < head.size()) unsent_ += head.substr(sent);
  unsent_ += body.substr(std::min(sent - std::min(sent, head.size()), body.size()));
  go_on_writing();
}

void HttpConnection::send_unsent() {
  const ssize_t n = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN && errno != EINTR) return close();
  unsent_.erase(0, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  go_on_writing();
}

void HttpConnection::go_on_writing() {
  note_unread();
  if (unsent_.empty()) {
    end_answer();
  } else if (own_metrics().counters.value(Counter::kUnreadBytes) > kMaxUnreadBytes) {
    count(Counter::kUnreadTooMuch);
    close();
  } else if (!writable_.is_waiting()) {
    writable_.start();
  }
}

void HttpConnection::note_unread() {
  if (unsent_.size() == noted_unread_) return;
  own_metrics().counters.add(Counter::kUnreadBytes, unsent_.size() - noted_unread_);  // modulo 2^64
  noted_unread_ = unsent_.size();
}

void HttpConnection::end_answer() {
  if (writable_.is_waiting()) writable_.stop();
  if (after_answer_ == http::Connection::kCloses) return linger();
  enter(State::kReading, received_.empty() ? timeouts_.idle : timeouts_.request);
  take_requests();
}

void HttpConnection::linger() {
  if (is_at_end_ || ::shutdown(socket_.get(), SHUT_WR) != 0) return close();
  enter(State::kLingering, kLinger);
  if (!readable_.is_waiting()) readable_.start();
}

void HttpConnection::finish(std::chrono::milliseconds patience) {
  is_finishing_ = true;
  if (state_ != State::kReading || !received_.empty()) return;
  // The first request of a fresh one may be on the way.
  if (!has_answered_) patience = std::max(patience, kLinger);
  if (patience.count() == 0) return close();
  enter(State::kReading, patience);
}

std::optional<Clock::time_point> HttpConnection::waiting_since() const {
  if (state_ == State::kReading || state_ == State::kLingering) return since_;
  return std::nullopt;
}

void HttpConnection::make_way() {
  count(Counter::kMadeWay);
  close();
}

void HttpConnection::check_time(Clock::time_point now) {
  const bool has_deadline = state_ != State::kAnswering && state_ != State::kClosed;
  if (!has_deadline || now < deadline_) return;
  if (state_ == State::kReading)
    count(received_.empty() ? Counter::kIdleTooLong : Counter::kRequestsTooSlow);
  if (state_ == State::kWriting) count(Counter::kReadersTooSlow);
  close();
}

void HttpConnection::close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  unsent_.clear();
  note_unread();
  readable_.stop();
  writable_.stop();
  socket_.reset();
  events_.on_closed(*this);
}

}  // namespace mirrorway::mirrorlist_client
