#include "mirrorlist_client/lookup_pool.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "mirrorlist_client/metrics.h"

namespace mirrorway::mirrorlist_client {
namespace {

using base::log;
using base::LogLevel;

}  // namespace

LookupPool::LookupPool(EventLoop& loop, Settings settings)
    : settings_(std::move(settings)),
      link_events_{
          [this](ServerLink& link) {
            note_state(link);
            dispatch_suspect();
            dispatch_waiting();
          },
          [this](ServerLink& link) { handle_down(link); },
          [this](ServerLink& link, std::uint32_t id, std::string_view payload) {
            return handle_frame(link, id, payload);
          },
      },
      clock_(Event::timer(loop, [this] { check_time(); })) {
  for (std::uint32_t i = 0; i < settings_.connections; ++i)
    links_.emplace_back(loop, settings_.socket, link_events_).start();
}

void LookupPool::ask(const proto::LookupRequest& request, Done done) {
  const std::uint32_t id = choose_id();
  Lookup& lookup = lookups_[id];
  wire::append_frame(id, request, lookup.frame);
  lookup.done = std::move(done);
  lookup.deadline = Clock::now() + settings_.timeout;
  deadlines_.push_back({lookup.deadline, id});
  if (!clock_.is_waiting()) clock_.start_in(check_interval());
  own_metrics().counters.set(Counter::kLookupsInFlight, lookups_.size());
  dispatch(id, lookup);
}

// Ids of lookups under way are not used again, however long one has been running.
std::uint32_t LookupPool::choose_id() {
  do {
    ++last_id_;
  } while (lookups_.contains(last_id_));
  return last_id_;
}

// Of the connections that are up the first that is not busy, otherwise the one with the fewest
// lookups; null when none is up. One process that is sent many frames at a time answers more than
// two that take turns on a processor; the others are there for when it has enough to do.
// Those that have answered go first: a new connection may have nobody at its other end, when the
// server cannot fork, and would take lookup after lookup, each for as long as silence is borne. So
// when that has happened and only the suspects' has answered, the others wait until they are
// through.
ServerLink* LookupPool::find_link() {
  const auto rank = [](const ServerLink& link) {
    const bool is_busy = link.pending >= kBusy;
    return std::tuple(is_busy, !link.has_answered(), is_busy ? link.pending : 0);
  };
  ServerLink* best = nullptr;
  for (ServerLink& link : links_)
    if (link.is_up() && &link != suspects_link_ && (best == nullptr || rank(link) < rank(*best)))
      best = &link;
  const bool is_worth_waiting = have_suspects_moved_ && suspects_link_ != nullptr &&
                                suspects_link_->has_answered() && best != nullptr &&
                                !best->has_answered();
  return is_worth_waiting ? nullptr : best;
}

void LookupPool::dispatch(std::uint32_t id, Lookup& lookup) {
  if (lookup.attempts == kSharedAttempts)
    suspects_.push_front(id);
  else if (lookup.attempts > kSharedAttempts)
    suspects_.push_back(id);  // the others first: this one was alone when its connection ended
  else if (ServerLink* const link = find_link())
    send(lookup, *link);
  else
    waiting_.push_back(id);
}

void LookupPool::send(Lookup& lookup, ServerLink& link) {
  lookup.link = &link;
  if (lookup.attempts++ > 0) count(Counter::kLookupsSentAgain);
  if (link.pending++ == 0) link.waiting_since = Clock::now();
  lookup.place = link.send(lookup.frame);
}

void LookupPool::dispatch_waiting() {
  for (const std::uint32_t id : std::exchange(waiting_, {})) {
    const auto found = lookups_.find(id);
    if (found != lookups_.end() && found->second.link == nullptr) dispatch(id, found->second);
  }
}

// One, when nothing else is under way over their connection; when none is left, that is everybody's
// again. It is one that was lost, as it carries nothing else when it is there again.
void LookupPool::dispatch_suspect() {
  while (!suspects_.empty() && !lookups_.contains(suspects_.front())) suspects_.pop_front();
  if (suspects_link_ == nullptr) return;
  if (suspects_.empty()) {
    if (suspects_link_->pending > 0) return;
    suspects_link_ = nullptr;
    have_suspects_moved_ = false;
    return dispatch_waiting();
  }
  if (!suspects_link_->is_up() || suspects_link_->pending > 0) return;
  const std::uint32_t id = suspects_.front();
  suspects_.pop_front();
  send(lookups_.at(id), *suspects_link_);
}

// When nobody is at the other end of theirs: to another connection, best to one that has answered.
void LookupPool::move_suspects() {
  have_suspects_moved_ = true;
  const ServerLink* const left = suspects_link_;
  for (ServerLink& link : links_)
    if (&link != left && link.is_up() && (suspects_link_ == left || link.has_answered()))
      suspects_link_ = &link;
}

void LookupPool::handle_down(ServerLink& link) {
  note_state(link);
  link.pending = 0;
  std::vector<std::uint32_t> lost;
  for (auto& [id, lookup] : lookups_)
    if (lookup.link == &link) lost.push_back(id);
  for (const std::uint32_t id : lost) {
    const auto found = lookups_.find(id);
    if (found == lookups_.end()) continue;
    Lookup& lookup = found->second;
    lookup.link = nullptr;
    if (!link.has_left(lookup.place)) --lookup.attempts;
    if (lookup.attempts >= kMaxAttempts) {
      log(LogLevel::kWarning, "lookup given up", "attempts={} last={}", lookup.attempts,
          base::quoted(link.last_problem()));
      count(Counter::kLookupsGivenUp);
      finish(id, std::nullopt);
    } else {
      dispatch(id, lookup);
    }
  }
  if (suspects_link_ == nullptr && !suspects_.empty()) suspects_link_ = &link;
  if (suspects_link_ == &link && link.is_refused()) move_suspects();
  dispatch_suspect();
}

bool LookupPool::handle_frame(ServerLink& link, std::uint32_t id, std::string_view payload) {
  link.waiting_since = Clock::now();
  const auto found = lookups_.find(id);
  // Too late, or made up.
  if (found == lookups_.end() || found->second.link != &link) return true;
  proto::LookupResponse response;
  if (!response.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return false;
  --link.pending;
  own_metrics().lookup_time.observe(link.waiting_since -
                                    (found->second.deadline - settings_.timeout));
  finish(id, std::move(response));
  dispatch_suspect();
  return true;
}

void LookupPool::finish(std::uint32_t id, std::optional<proto::LookupResponse> response) {
  const auto found = lookups_.find(id);
  // First out of the table: `done` may ask again.
  const Done done = std::move(found->second.done);
  lookups_.erase(found);
  own_metrics().counters.set(Counter::kLookupsInFlight, lookups_.size());
  forget_done();
  done(std::move(response));
}

void LookupPool::forget_done() {
  while (!deadlines_.empty() && !lookups_.contains(deadlines_.front().id)) deadlines_.pop_front();
  while (!waiting_.empty() && !lookups_.contains(waiting_.front())) waiting_.pop_front();
}

// How late a time-out may be noticed.
std::chrono::milliseconds LookupPool::check_interval() const {
  using namespace std::chrono_literals;
  return std::clamp<std::chrono::milliseconds>(settings_.timeout / 10, 5ms, 100ms);
}

void LookupPool::check_time() {
  const auto now = Clock::now();
  // One connection that has gone silent must not cost its lookups all the time they have.
  for (ServerLink& link : links_)
    if (link.is_up() && link.pending > 0 && now - link.waiting_since > settings_.timeout / 2) {
      if (suspects_link_ == &link) move_suspects();
      link.give_up(Counter::kServerSilent, "the server is silent");
    }
  while (!deadlines_.empty() && deadlines_.front().time <= now) {
    const std::uint32_t id = deadlines_.front().id;
    deadlines_.pop_front();
    const auto found = lookups_.find(id);
    if (found == lookups_.end() || found->second.deadline > now) continue;
    if (found->second.link != nullptr) --found->second.link->pending;
    count(Counter::kLookupsTimedOut);
    finish(id, std::nullopt);
  }
  dispatch_suspect();
  if (!deadlines_.empty()) clock_.start_in(check_interval());
}

// Once when the server is not there, once when it is. A connection that ends is no news: children
// are retired at every reload.
void LookupPool::note_state(const ServerLink& link) {
  if (link.is_up()) {
    if (state_ != ServerState::kReachable)
      log(LogLevel::kInfo, "server connected", "socket={}", base::quoted(settings_.socket));
    state_ = ServerState::kReachable;
    return;
  }
  const bool is_any_up =
      std::any_of(links_.begin(), links_.end(), [](const ServerLink& one) { return one.is_up(); });
  const bool is_news = link.is_refused() && !is_any_up && state_ != ServerState::kUnreachable;
  if (is_news) state_ = ServerState::kUnreachable;
  log(is_news ? LogLevel::kWarning : LogLevel::kDebug,
      is_news ? "server not reachable" : "server connection lost", "socket={} reason={}",
      base::quoted(settings_.socket), base::quoted(link.last_problem()));
}

}  // namespace mirrorway::mirrorlist_client
