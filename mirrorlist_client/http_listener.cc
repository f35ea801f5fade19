#include "mirrorlist_client/http_listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "common/base/date.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/net/socket_address.h"
#include "mirrorlist_client/metrics.h"

namespace mirrorway::mirrorlist_client {
namespace {

using base::log;
using base::LogLevel;

// Others get their turn after as many.
constexpr int kAcceptsInARow = 64;
// When the system is short of descriptors or memory.
constexpr std::chrono::milliseconds kShortagePause{100};
// Time-outs are noticed with this delay.
constexpr std::chrono::milliseconds kCheckInterval{500};
// When all connections are in use, those that have waited for their clients as long may be closed,
constexpr std::chrono::milliseconds kPatience{500};
// and the most idle of them are: one in so many of all connections.
constexpr std::uint32_t kShareToClose = 16;

void count_bad_head(unsigned status) {
  constexpr std::array<std::pair<unsigned, Counter>, 6> kReasons{{{413, Counter::kBodiesTooLong},
                                                                  {414, Counter::kTargetsTooLong},
                                                                  {431, Counter::kHeadsTooLong},
                                                                  {501, Counter::kUnsupportedHeads},
                                                                  {505, Counter::kUnsupportedHeads},
                                                                  {0, Counter::kBadHeads}}};
  const auto* const reason =
      std::find_if(kReasons.begin(), kReasons.end() - 1,
                   [status](const auto& candidate) { return candidate.first == status; });
  count(reason->second);
  own_metrics().requests.add(std::nullopt, status, proto::NONE);
}

}  // namespace

HttpListener::HttpListener(EventLoop& loop, std::vector<base::Fd> sockets, Settings settings,
                           OnRequest on_request, OnProblem on_problem)
    : loop_(loop),
      settings_(settings),
      on_request_(std::move(on_request)),
      on_problem_(std::move(on_problem)),
      connection_events_{
          [this](HttpConnection& connection, const http::RequestHead& head) {
            on_request_(connection.id(), connection.peer(), head);
          },
          [this](HttpConnection& connection, const http::Problem& problem) {
            count_bad_head(problem.status);
            connection.answer(http::make_error(problem.status, problem.text), date());
            on_problem_(connection.peer(), problem.status);
          },
          [this](HttpConnection& connection) {
            closed_.push_back(connection.id());
            bury_soon_.run_soon();
          },
      },
      sockets_(std::move(sockets)),
      bury_soon_(Event::timer(loop, [this] { bury(); })),
      resume_later_(Event::timer(loop, [this] { resume_accepting(); })),
      clock_(Event::timer(loop, [this] { check_time(); })) {
  for (const base::Fd& socket : sockets_)
    acceptors_.push_back(
        Event::readable(loop, socket.get(), [this, &socket] { accept_some(socket); }));
  resume_accepting();
  clock_.start_in(kCheckInterval);
}

void HttpListener::pause_accepting() {
  for (Event& acceptor : acceptors_) acceptor.stop();
  is_accepting_ = false;
}

void HttpListener::resume_accepting() {
  if (is_accepting_ || is_finishing_ || connections_.size() >= settings_.max_connections) return;
  for (Event& acceptor : acceptors_) acceptor.start();
  is_accepting_ = true;
}

bool HttpListener::accept_some(const base::Fd& socket) {
  for (int i = 0; i < kAcceptsInARow; ++i) {
    if (connections_.size() >= settings_.max_connections) {
      count(Counter::kConnectionsWaited);
      say_full();
      make_room();
      pause_accepting();
      return false;
    }
    net::SocketAddress peer;
    base::Fd connection(
        ::accept4(socket.get(), peer.get(), peer.room(), SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection) {
      add_connection(std::move(connection), peer.address().value_or(net::Address()));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      count(Counter::kAcceptsFailed);
      say_short(errno);
      make_room();
      pause_accepting();
      resume_later_.start_in(kShortagePause);
    }
    // Otherwise there is none, or it has gone again.
    return false;
  }
  return true;
}

// Closes those that wait for their clients longest; accepting goes on when they are gone. A client
// in earnest sends its request with the connection, so it is those who only hold connections that
// must go. Many at a time: looking for them costs a walk over all.
void HttpListener::make_room() {
  const auto latest = Clock::now() - kPatience;
  std::vector<std::pair<Clock::time_point, HttpConnection*>> candidates;
  for (auto& [id, connection] : connections_) {
    const auto since = connection->waiting_since();
    if (since && *since <= latest) candidates.emplace_back(*since, connection.get());
  }
  const std::size_t wanted =
      std::min<std::size_t>(candidates.size(), 1 + settings_.max_connections / kShareToClose);
  const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(wanted);
  std::nth_element(candidates.begin(), end, candidates.end());
  for (auto it = candidates.begin(); it != end; ++it) it->second->make_way();
}

void HttpListener::say_full() {
  if (!full_messages_.take_turn()) return;
  log(LogLevel::kWarning, "too many connections, others wait", "connections={}",
      connections_.size());
}

void HttpListener::say_short(int error) {
  if (!shortage_messages_.take_turn()) return;
  log(LogLevel::kError, "cannot accept", "connections={} error={}", connections_.size(),
      base::quoted(base::IoError(error, "accepting").what()));
}

void HttpListener::add_connection(base::Fd socket, const net::Address& peer) {
  const int on = 1;
  // An answer goes out in one piece; without this the last segment of a long one would wait for the
  // client's acknowledgement of the others (40 ms).
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const ConnectionId id = ++last_id_;
  connections_.emplace(
      id, std::make_unique<HttpConnection>(loop_, std::move(socket), id, peer, settings_.timeouts,
                                           connection_events_));
  count(Counter::kConnectionsAccepted);
  own_metrics().counters.set(Counter::kConnectionsOpen, connections_.size());
}

void HttpListener::answer(ConnectionId id, const http::Answer& answer) {
  const auto found = connections_.find(id);
  if (found != connections_.end() && found->second->is_answering())
    found->second->answer(answer, date());
}

void HttpListener::finish(std::chrono::milliseconds patience, std::function<void()> on_empty) {
  for (const base::Fd& socket : sockets_)
    while (accept_some(socket)) {
    }
  is_finishing_ = true;
  on_empty_ = std::move(on_empty);
  pause_accepting();
  acceptors_.clear();
  sockets_.clear();
  for (auto& [id, connection] : connections_) connection->finish(patience);
  bury_soon_.run_soon();
}

void HttpListener::bury() {
  for (const ConnectionId id : std::exchange(closed_, {})) connections_.erase(id);
  own_metrics().counters.set(Counter::kConnectionsOpen, connections_.size());
  resume_accepting();
  if (is_finishing_ && connections_.empty()) on_empty_();
}

void HttpListener::check_time() {
  const auto now = Clock::now();
  for (auto& [id, connection] : connections_) connection->check_time(now);
  if (!is_accepting_ && connections_.size() >= settings_.max_connections) make_room();
  clock_.start_in(kCheckInterval);
}

// Formatted once a second.
std::string_view HttpListener::date() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (date_.empty() || now.time_since_epoch().count() != date_second_) {
    date_second_ = now.time_since_epoch().count();
    date_ = base::internet_date(now);
  }
  return date_;
}

}  // namespace mirrorway::mirrorlist_client
