// bench_load: load that wrk cannot make.
//   bench_load http ADDRESS PORT LIST CONNECTIONS SECONDS keepalive|close RATE
//     HTTP requests; RATE a second on a fixed schedule (0: each connection as fast as it can).
//     Latency counts from the moment at which the request was due, so that a server that stalls is
//     not spared the requests of that time.
//   bench_load cold SOCKET LIST SECONDS
//     Lookups over mirrorlist_server's socket, each over a connection of its own, one after the
//     other.
//   bench_load alone MICROSECONDS SECONDS
//     No server at all: every answer is that much work in this process, due on a schedule that
//     keeps half of a processor busy. Whatever is late here, the machine has delayed.
// LIST has lines "TARGET<TAB>CLIENT". Prints one line of JSON; times are in microseconds.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/base/fd.h"
#include "common/http/lookup.h"
#include "common/net/unix_socket.h"
#include "common/wire/frame.h"
#include "tests/bench/request_list.h"

namespace {

using namespace mirrorway;
using Clock = std::chrono::steady_clock;

class Results {
 public:
  void add(Clock::duration latency, std::size_t bytes) {
    latencies_.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(latency).count()));
    bytes_ += bytes;
  }
  void add_error() { ++errors_; }

  void print(double seconds) {
    std::sort(latencies_.begin(), latencies_.end());
    const auto percentile = [&](double share) {
      const auto rank = static_cast<std::size_t>(share * static_cast<double>(latencies_.size()));
      return latencies_.empty() ? 0 : latencies_[std::min(rank, latencies_.size() - 1)];
    };
    fmt::print(
        "{{\"answers\": {}, \"microseconds\": {:.0f}, \"p50\": {}, \"p99\": {}, \"p999\": {}, "
        "\"max\": {}, \"bytes\": {}, \"errors\": {}}}\n",
        latencies_.size(), seconds * 1e6, percentile(0.5), percentile(0.99), percentile(0.999),
        percentile(1), bytes_, errors_);
  }

 private:
  std::vector<std::uint32_t> latencies_;
  std::size_t bytes_ = 0;
  std::size_t errors_ = 0;
};

// --- HTTP

struct Plan {
  sockaddr_in server{};
  std::vector<std::string> requests;
  std::size_t connections = 0;
  std::chrono::seconds length{};
  bool keeps_alive = true;
  double rate = 0;  // a second; 0: no schedule
};

struct Connection {
  base::Fd socket;
  bool is_busy = false;
  std::size_t sent = 0;
  const std::string* request = nullptr;
  std::string received;
  Clock::time_point due;
};

class Load {
 public:
  explicit Load(const Plan& plan)
      : plan_(plan), poll_(::epoll_create1(EPOLL_CLOEXEC)), connections_(plan.connections) {
    for (std::size_t i = 0; i < connections_.size(); ++i) idle_.push_back(i);
  }

  void run() {
    const auto start = Clock::now();
    const auto end = start + plan_.length;
    next_due_ = start;
    for (auto now = start; now < end; now = Clock::now()) {
      start_due(now);
      std::array<epoll_event, 64> events{};
      const int count = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()),
                                     plan_.rate > 0 ? 0 : 10);
      for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)].data.u64);
    }
    results_.print(std::chrono::duration<double>(Clock::now() - start).count());
  }

 private:
  void start_due(Clock::time_point now) {
    if (plan_.rate <= 0) {
      while (!idle_.empty()) begin(now);
      return;
    }
    const auto step = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(1.0 / plan_.rate));
    for (; next_due_ <= now; next_due_ += step) waiting_.push_back(next_due_);
    while (!waiting_.empty() && !idle_.empty()) {
      const auto due = waiting_.front();
      waiting_.pop_front();
      begin(due);
    }
  }

  void begin(Clock::time_point due) {
    const std::size_t index = idle_.front();
    idle_.pop_front();
    Connection& connection = connections_[index];
    connection.is_busy = true;
    connection.sent = 0;
    connection.received.clear();
    connection.request = &plan_.requests[next_request_++ % plan_.requests.size()];
    connection.due = due;
    if (!connection.socket) connect(index);
    go_on(index);
  }

  void connect(std::size_t index) {
    Connection& connection = connections_[index];
    connection.socket = base::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(connection.socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Not connected yet, most likely; if it fails, so will sending.
    (void)::connect(connection.socket.get(), reinterpret_cast<const sockaddr*>(&plan_.server),
                    sizeof plan_.server);
    epoll_event event{EPOLLIN | EPOLLOUT | EPOLLET, {}};
    event.data.u64 = index;
    ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, connection.socket.get(), &event);
  }

  void handle(std::size_t index) {
    if (connections_[index].is_busy) {
      go_on(index);
    } else {
      connections_[index].socket.reset();  // closed while idle
    }
  }

  void go_on(std::size_t index) {
    Connection& connection = connections_[index];
    while (connection.sent < connection.request->size()) {
      const ssize_t n =
          ::send(connection.socket.get(), connection.request->data() + connection.sent,
                 connection.request->size() - connection.sent, MSG_NOSIGNAL);
      if (n < 0) {
        if (errno != EAGAIN && errno != ENOTCONN) fail(index);
        return;
      }
      connection.sent += static_cast<std::size_t>(n);
    }
    std::array<char, std::size_t{64} << 10U> buffer;
    while (true) {
      const ssize_t n = ::recv(connection.socket.get(), buffer.data(), buffer.size(), 0);
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) return fail(index);
      connection.received.append(buffer.data(), static_cast<std::size_t>(n));
      if (is_whole(connection.received)) return finish(index);
    }
  }

  static bool is_whole(const std::string& answer) {
    const std::size_t head = answer.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t length = answer.find(kLength);
    const std::size_t body =
        length < head ? std::strtoull(answer.c_str() + length + kLength.size(), nullptr, 10) : 0;
    return answer.size() >= head + 4 + body;
  }

  void finish(std::size_t index) {
    Connection& connection = connections_[index];
    const char status = connection.received.size() > 9 ? connection.received[9] : '?';
    if (status == '2' || status == '3') {
      results_.add(Clock::now() - connection.due, connection.received.size());
    } else {
      results_.add_error();
    }
    release(index, plan_.keeps_alive);
  }

  void fail(std::size_t index) {
    results_.add_error();
    release(index, false);
  }

  void release(std::size_t index, bool keeps) {
    if (!keeps) connections_[index].socket.reset();
    connections_[index].is_busy = false;
    idle_.push_back(index);
  }

  const Plan& plan_;
  base::Fd poll_;
  std::vector<Connection> connections_;
  std::deque<std::size_t> idle_;
  std::deque<Clock::time_point> waiting_;
  Clock::time_point next_due_;
  std::size_t next_request_ = 0;
  Results results_;
};

int run_http(char** words) {
  Plan plan;
  plan.server.sin_family = AF_INET;
  plan.server.sin_port = htons(static_cast<std::uint16_t>(bench::parse_count(words[1])));
  if (::inet_pton(AF_INET, words[0], &plan.server.sin_addr) != 1)
    throw base::Error("{} is no IPv4 address", words[0]);
  plan.keeps_alive = std::string_view(words[5]) == "keepalive";
  for (const bench::RequestLine& line : bench::read_request_list(words[2]))
    plan.requests.push_back(fmt::format(
        "GET {} HTTP/1.1\r\nHost: mirrors.example\r\nUser-Agent: libdnf (Mirrorway bench; generic; "
        "Linux.x86_64)\r\nX-Forwarded-For: {}\r\n{}\r\n",
        line.target, line.client, plan.keeps_alive ? "" : "Connection: close\r\n"));
  plan.connections = static_cast<std::size_t>(bench::parse_count(words[3]));
  plan.length = std::chrono::seconds(bench::parse_count(words[4]));
  plan.rate = bench::parse_count(words[6]);
  Load(plan).run();
  return 0;
}

// --- Lookups, each from a child of its own

std::vector<std::string> make_frames(const std::string& list) {
  const http::Routes routes{{"/pub/"}, {}};
  std::vector<std::string> frames;
  for (const bench::RequestLine& line : bench::read_request_list(list)) {
    const auto parsed =
        http::parse_lookup(routes, line.target, {}, *net::Address::parse(line.client));
    wire::append_frame(1, std::get<proto::LookupRequest>(parsed.result), frames.emplace_back());
  }
  return frames;
}

// Returns the answer's size; 0 when there was none.
std::size_t look_up(const std::filesystem::path& server, const std::string& request) try {
  const base::Fd socket = net::connect_unix(server);
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return 0;
  wire::FrameBuffer buffer(wire::kMaxResponseBytes);
  std::array<char, std::size_t{64} << 10U> bytes;
  wire::FrameBuffer::Frame frame{};
  while (buffer.next(frame) != wire::FrameBuffer::State::kFrame) {
    const ssize_t n = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
    if (n <= 0) return 0;
    buffer.append({bytes.data(), static_cast<std::size_t>(n)});
  }
  return frame.payload.size();
} catch (const base::IoError&) {
  return 0;
}

int run_cold(char** words) {
  const std::filesystem::path server = words[0];
  const auto frames = make_frames(words[1]);
  Results results;
  const auto start = Clock::now();
  const auto end = start + std::chrono::seconds(bench::parse_count(words[2]));
  std::size_t next = 0;
  for (auto now = start; now < end;) {
    const std::size_t bytes = look_up(server, frames[next++ % frames.size()]);
    const auto done = Clock::now();
    if (bytes != 0) {
      results.add(done - now, bytes);
    } else {
      results.add_error();
    }
    now = done;
  }
  results.print(std::chrono::duration<double>(Clock::now() - start).count());
  return 0;
}

// --- Nobody but the machine

// Reading the clock takes less, as long as nothing comes between.
constexpr std::chrono::microseconds kLongestStep(1);

int run_alone(char** words) {
  const std::chrono::microseconds cost(bench::parse_count(words[0]));
  if (cost.count() == 0) throw base::Error("0 is no cost of an answer");
  Results results;
  const auto start = Clock::now();
  const auto end = start + std::chrono::seconds(bench::parse_count(words[1]));
  for (auto due = start; due < end; due += 2 * cost) {
    auto now = Clock::now();
    while (now < due) now = Clock::now();
    // Work is what this process does, so time in which it does not run must not count as done.
    for (auto left = Clock::duration(cost); left > Clock::duration::zero();) {
      const auto before = now;
      now = Clock::now();
      left -= std::min<Clock::duration>(now - before, kLongestStep);
    }
    results.add(now - due, 0);
  }
  results.print(std::chrono::duration<double>(Clock::now() - start).count());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string_view mode = argc > 1 ? argv[1] : "";
    if (mode == "http" && argc == 9) return run_http(argv + 2);
    if (mode == "cold" && argc == 5) return run_cold(argv + 2);
    if (mode == "alone" && argc == 4) return run_alone(argv + 2);
    fmt::print(stderr,
               "usage: bench_load http ADDRESS PORT LIST CONNECTIONS SECONDS keepalive|close RATE\n"
               "       bench_load cold SOCKET LIST SECONDS\n"
               "       bench_load alone MICROSECONDS SECONDS\n");
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_load: {}\n", error.what());
    return 1;
  }
}
