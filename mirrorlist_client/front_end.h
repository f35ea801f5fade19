// What a worker does with a request: reads it, asks the server, answers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/http/answer.h"
#include "common/http/lookup.h"
#include "common/net/address.h"
#include "mirrorlist_client/access_log.h"
#include "mirrorlist_client/event_loop.h"
#include "mirrorlist_client/flood_gate.h"
#include "mirrorlist_client/http_listener.h"
#include "mirrorlist_client/lookup_pool.h"

namespace mirrorway::mirrorlist_client {

class FrontEnd {
 public:
  struct Settings {
    HttpListener::Settings http;
    LookupPool::Settings lookups;
    std::vector<net::Prefix> trusted_proxies;
    http::Routes routes;
    AccessLog::Settings access_log;
    RequestLimit* limit = nullptr;  // of all workers; outlives the front end; null: none
  };

  // `sockets` listen and do not block.
  FrontEnd(EventLoop& loop, std::vector<base::Fd> sockets, Settings settings);
  FrontEnd(const FrontEnd&) = delete;
  FrontEnd& operator=(const FrontEnd&) = delete;

  // As HttpListener::finish.
  void finish(std::chrono::milliseconds patience, std::function<void()> on_empty) {
    listener_.finish(patience, std::move(on_empty));
  }
  void reopen_logs() { access_log_.reopen(); }

 private:
  void handle_request(HttpListener::ConnectionId id, const net::Address& peer,
                      const http::RequestHead& head);
  // What is still needed of a request when its response comes.
  struct Pending {
    HttpListener::ConnectionId id;
    http::Wish wish;
    std::shared_ptr<AccessEntry> access;  // null: no log
    bool has_body = true;                 // of the answer: HEAD has none
  };
  void handle_response(const Pending& pending, std::optional<proto::LookupResponse> response);
  // No form: the request was refused before it was known.
  void answer(const Pending& pending, const http::Answer& answer, std::optional<proto::Form> form,
              proto::Tier tier = proto::NONE);
  void note_problem(const net::Address& peer, unsigned status);

  std::vector<net::Prefix> trusted_proxies_;
  FloodGate flood_gate_;
  http::Routes routes_;
  AccessLog access_log_;
  LookupPool lookups_;
  HttpListener listener_;
};

}  // namespace mirrorway::mirrorlist_client
