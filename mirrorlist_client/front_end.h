// What a worker does with a request: reads it, asks the server, answers.
#pragma once

#include <string>
#include <vector>

#include "common/net/address.h"
#include "mirrorlist_client/event_loop.h"
#include "mirrorlist_client/http_listener.h"
#include "mirrorlist_client/lookup_pool.h"

namespace mirrorway::mirrorlist_client {

class FrontEnd {
 public:
  struct Settings {
    HttpListener::Settings http;
    LookupPool::Settings lookups;
    std::vector<net::Prefix> trusted_proxies;
  };

  // `sockets` listen and do not block.
  FrontEnd(EventLoop& loop, std::vector<base::Fd> sockets, Settings settings);
  FrontEnd(const FrontEnd&) = delete;
  FrontEnd& operator=(const FrontEnd&) = delete;

  // As HttpListener::finish.
  void finish(std::function<void()> on_empty) { listener_.finish(std::move(on_empty)); }

 private:
  void handle_request(HttpListener::ConnectionId id, const net::Address& peer,
                      const http::RequestHead& head);
  void handle_response(HttpListener::ConnectionId id,
                       std::optional<proto::LookupResponse> response);

  std::vector<net::Prefix> trusted_proxies_;
  LookupPool lookups_;
  HttpListener listener_;
};

}  // namespace mirrorway::mirrorlist_client
