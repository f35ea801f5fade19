// Lookups in flight, over a few connections to mirrorlist_server.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "mirrorlist_client/event_loop.h"
#include "mirrorlist_client/server_link.h"
#include "proto/lookup.pb.h"

namespace mirrorway::mirrorlist_client {

class LookupPool {
 public:
  struct Settings {
    std::string socket;  // path
    std::uint32_t connections = 2;
    // For one lookup, with all waiting, connecting and asking again.
    std::chrono::milliseconds timeout{1000};
  };
  // Called once, with nullopt when there was no answer in time.
  using Done = std::function<void(std::optional<proto::LookupResponse>)>;

  LookupPool(EventLoop& loop, Settings settings);
  LookupPool(const LookupPool&) = delete;
  LookupPool& operator=(const LookupPool&) = delete;

  // Never calls `done` before it returns. The request goes over the first connection that has
  // answered something and is not busy; when that ends without an answer, over another, at most
  // kMaxAttempts times: a lookup changes nothing. One that kills its server's child takes with it
  // what else was asked there: who has met that twice is asked again alone, so that it is answered
  // and the killer found out.
  void ask(const proto::LookupRequest& request, Done done);

 private:
  static constexpr unsigned kMaxAttempts = 4;
  static constexpr unsigned kSharedAttempts = 2;  // the others are alone on their connection
  // Lookups under way on one connection, from which on others go over the next.
  static constexpr std::size_t kBusy = 64;

  enum class ServerState : std::uint8_t { kUnknown, kReachable, kUnreachable };

  struct Lookup {
    std::string frame;
    Done done;
    Clock::time_point deadline;
    unsigned attempts = 0;       // how often it has left this process
    ServerLink* link = nullptr;  // where it was sent last; null while it waits for one
    std::uint64_t place = 0;     // in what goes over that one
  };
  struct Deadline {
    Clock::time_point time;
    std::uint32_t id;
  };

  std::uint32_t choose_id();
  ServerLink* find_link();
  void dispatch(std::uint32_t id, Lookup& lookup);
  void send(Lookup& lookup, ServerLink& link);
  void dispatch_waiting();
  void dispatch_suspect();
  void move_suspects();
  void handle_down(ServerLink& link);
  bool handle_frame(ServerLink& link, std::uint32_t id, std::string_view payload);
  std::chrono::milliseconds check_interval() const;
  void forget_done();
  void finish(std::uint32_t id, std::optional<proto::LookupResponse> response);
  void check_time();
  void note_state(const ServerLink& link);

  Settings settings_;
  ServerLink::Events link_events_;
  std::list<ServerLink> links_;
  std::unordered_map<std::uint32_t, Lookup> lookups_;
  std::uint32_t last_id_ = 0;
  std::deque<std::uint32_t> waiting_;  // for a connection; may hold ids that are done
  // To be asked alone, one after the other, over a connection that is kept for them while there
  // are any; may hold ids that are done.
  std::deque<std::uint32_t> suspects_;
  ServerLink* suspects_link_ = nullptr;
  bool have_suspects_moved_ = false;
  std::deque<Deadline> deadlines_;  // ascending; may hold ids that are done
  Event clock_;
  ServerState state_ = ServerState::kUnknown;
};

}  // namespace mirrorway::mirrorlist_client
