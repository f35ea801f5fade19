// Accepts HTTP connections and hands their requests on; the rest of the program knows requests,
// answers and the names that connect them, not sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/fd.h"
#include "common/base/message_limit.h"
#include "common/http/answer.h"
#include "common/http/request_head.h"
#include "common/net/address.h"
#include "mirrorlist_client/event_loop.h"
#include "mirrorlist_client/http_connection.h"

namespace mirrorway::mirrorlist_client {

class HttpListener {
 public:
  struct Settings {
    std::uint32_t max_connections = 4096;
    HttpTimeouts timeouts;
  };
  // Of a connection; never used twice.
  using ConnectionId = std::uint64_t;
  // The views in `head` are valid during the call only. Must lead to one answer(), at once or
  // later.
  using OnRequest =
      std::function<void(ConnectionId, const net::Address& peer, const http::RequestHead& head)>;

  // Told of what was no request, once that has been answered.
  using OnProblem = std::function<void(const net::Address& peer, unsigned status)>;

  // `sockets` listen and do not block.
  HttpListener(EventLoop& loop, std::vector<base::Fd> sockets, Settings settings,
               OnRequest on_request, OnProblem on_problem);
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  // Nothing happens when the client has gone meanwhile.
  void answer(ConnectionId id, const http::Answer& answer);

  // Takes what is connected already, then accepts no more, closes connections that are idle for as
  // long as `patience`, and the others after their next answer. Calls on_empty when none is left,
  // never before it returns.
  void finish(std::chrono::milliseconds patience, std::function<void()> on_empty);
  std::size_t connections() const { return connections_.size(); }

 private:
  // Returns whether there may be more.
  bool accept_some(const base::Fd& socket);
  void add_connection(base::Fd socket, const net::Address& peer);
  void say_full();
  void say_short(int error);
  void make_room();
  void pause_accepting();
  void resume_accepting();
  void check_time();
  void bury();
  std::string_view date();

  EventLoop& loop_;
  Settings settings_;
  OnRequest on_request_;
  OnProblem on_problem_;
  HttpConnection::Events connection_events_;
  std::vector<base::Fd> sockets_;
  std::vector<Event> acceptors_;
  std::unordered_map<ConnectionId, std::unique_ptr<HttpConnection>> connections_;
  std::vector<ConnectionId> closed_;  // to be destroyed when no callback of theirs is running
  ConnectionId last_id_ = 0;
  std::function<void()> on_empty_;
  Event bury_soon_;
  Event resume_later_;
  Event clock_;
  bool is_accepting_ = false;
  bool is_finishing_ = false;
  base::MessageLimit full_messages_{std::chrono::minutes(1)};
  base::MessageLimit shortage_messages_{std::chrono::minutes(1)};
  std::int64_t date_second_ = 0;
  std::string date_;
};

}  // namespace mirrorway::mirrorlist_client
