#include "mirrorlist_server/child.h"

#include <google/protobuf/stubs/logging.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "common/answer/lookup.h"
#include "common/base/error.h"
#include "common/wire/frame.h"
#include "mirrorlist_server/hang_watch.h"
#include "mirrorlist_server/metrics.h"

namespace mirrorway::mirrorlist_server {
namespace {

using namespace std::chrono_literals;

// A hundred requests; every page of it costs a new child a page fault.
constexpr std::size_t kReadBytes = 16 << 10;
// Responses are written together, but not held back beyond this.
constexpr std::size_t kWriteBytes = 256 << 10;
constexpr std::chrono::milliseconds kWriteTimeout = 10s;

// The connection that retirement ends, for the signal handler.
volatile std::sig_atomic_t retiring_socket = -1;
volatile std::sig_atomic_t is_retired = 0;

// Nothing more is accepted from the peer, which sees its next write fail; what is in the socket
// already can still be read, and then comes the end of file. So there is no moment at which a
// signal could be missed, and no request that was taken goes without its answer.
void retire(int /*signal*/) {
  const int saved = errno;
  is_retired = 1;
  ::shutdown(retiring_socket, SHUT_RD);
  errno = saved;
}

void retire_on_signals(const base::Fd& socket) {
  retiring_socket = socket.get();
  struct sigaction action {};
  action.sa_handler = retire;
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT}) {
    ::sigaction(signal, &action, nullptr);
    ::sigaddset(&signals, signal);
  }
  ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
}

class Connection {
 public:
  Connection(const Service& service, const base::Fd& socket)
      : service_(service),
        socket_(socket),
        incoming_(wire::kMaxRequestBytes),
        watch_(service.answer_timeout) {
    retire_on_signals(socket);
  }

  ChildExit run() {
    while (true) {
      if (const auto end = read_some()) return *end;
      if (const auto end = answer_all_read()) return *end;
    }
  }

 private:
  std::optional<ChildExit> answer_all_read() {
    wire::FrameBuffer::Frame frame{};
    while (true) {
      switch (incoming_.next(frame)) {
        case wire::FrameBuffer::State::kCorrupt:
          return ChildExit::kBadFrame;
        case wire::FrameBuffer::State::kIncomplete:
          return write_out();
        case wire::FrameBuffer::State::kFrame:
          break;
      }
      answer(frame);
      if (outgoing_.bytes().size() < kWriteBytes) continue;
      if (const auto end = write_out()) return end;
    }
  }

  void answer(const wire::FrameBuffer::Frame& frame) {
    watch_.begin();
    if (!request_.ParseFromArray(frame.payload.data(), static_cast<int>(frame.payload.size()))) {
      count(Counter::kBadRequests);
      // Only this request is lost: the frames around it are in step.
      wire::append_frame(frame.id, refusal("a lookup request that cannot be decoded"), outgoing_);
      return;
    }
    if (request_.asks_status()) return answer_status(frame.id);
    const auto start = std::chrono::steady_clock::now();
    auto response = answer::answer_lookup(service_.image, service_.geo, service_.policy, request_,
                                          std::chrono::system_clock::now());
    // How much it is, is up to the client: a long path stands in every URL.
    if (const std::size_t bytes = response.ByteSizeLong(); bytes > wire::kMaxResponseBytes)
      response =
          refusal(fmt::format("the answer would have {} bytes, more than {}: ask for a "
                              "shorter path, or fewer mirrors",
                              bytes, wire::kMaxResponseBytes));
    wire::append_frame(frame.id, response, outgoing_);
    count(Counter::kLookups);
    own_metrics().lookup_time.observe(std::chrono::steady_clock::now() - start);
  }

  static proto::LookupResponse refusal(std::string_view reason) {
    proto::LookupResponse response;
    response.set_status(400);
    response.set_body(fmt::format("# {}\n", reason));
    return response;
  }

  void answer_status(std::uint32_t id) {
    count(Counter::kStatusReports);
    proto::LookupResponse response;
    *response.mutable_server_status() =
        report_status(service_.status, service_.image, std::chrono::system_clock::now());
    wire::append_frame(id, response, outgoing_);
  }

  // False when the time is over. A signal counts as ready: the next call on the socket will tell.
  bool wait(short events, std::chrono::milliseconds timeout) const {
    pollfd polled{socket_.get(), events, 0};
    const int limit = timeout == 0ms ? -1 : static_cast<int>(timeout.count());
    return ::poll(&polled, 1, limit) != 0;
  }

  std::optional<ChildExit> read_some() {
    // First without waiting: a busy peer has sent more by now, and one system call is spared.
    while (true) {
      const auto space = incoming_.space(kReadBytes);
      const ssize_t n = ::recv(socket_.get(), space.data(), space.size(), MSG_DONTWAIT);
      if (n > 0) {
        incoming_.commit(static_cast<std::size_t>(n));
        return std::nullopt;
      }
      if (n == 0) return is_retired != 0 ? ChildExit::kRetired : ChildExit::kPeerClosed;
      if (errno == ECONNRESET) return ChildExit::kPeerClosed;
      if (errno != EAGAIN && errno != EINTR) return ChildExit::kIo;
      if (errno == EAGAIN && !wait(POLLIN, service_.idle_timeout)) return ChildExit::kIdle;
    }
  }

  std::optional<ChildExit> write_out() {
    watch_.end();
    while (!outgoing_.empty()) {
      const std::string_view rest = outgoing_.bytes();
      const ssize_t n =
          ::send(socket_.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n >= 0) {
        outgoing_.drop(static_cast<std::size_t>(n));
      } else if (errno == EAGAIN) {
        if (!wait(POLLOUT, kWriteTimeout)) return ChildExit::kStalled;
      } else if (errno == EPIPE || errno == ECONNRESET) {
        return ChildExit::kPeerClosed;
      } else if (errno != EINTR) {
        return ChildExit::kIo;
      }
    }
    return std::nullopt;
  }

  const Service& service_;
  const base::Fd& socket_;
  wire::FrameBuffer incoming_;
  wire::ByteQueue outgoing_;
  proto::LookupRequest request_;
  HangWatch watch_;
};

}  // namespace

std::string_view describe(ChildExit exit) {
  switch (exit) {
    case ChildExit::kPeerClosed:
      return "peer closed";
    case ChildExit::kIdle:
      return "idle";
    case ChildExit::kRetired:
      return "retired";
    case ChildExit::kBadFrame:
      return "bad frame";
    case ChildExit::kStalled:
      return "peer does not read";
    case ChildExit::kIo:
      return "socket failed";
    case ChildExit::kBroken:
      return "broken";
    case ChildExit::kHung:
      return "an answer took too long";
    case ChildExit::kNoSandbox:
      return "cannot enter its sandbox";
  }
  return "unknown status";
}

ChildExit serve(const Service& service, const base::Fd& connection) {
  // A request that cannot be decoded is answered and counted. Protobuf would also write a line to
  // stderr, which holds up who writes to it when nobody reads it.
  google::protobuf::SetLogHandler(nullptr);
  try {
    Connection serving(service, connection);
    try {
      service.sandbox.enter();
    } catch (const base::IoError&) {
      return ChildExit::kNoSandbox;
    }
    return serving.run();
  } catch (const std::exception&) {
    return ChildExit::kBroken;
  }
}

}  // namespace mirrorway::mirrorlist_server
