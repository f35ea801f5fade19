// Turns away networks that ask too much, before anything is looked up for them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/message_limit.h"
#include "common/http/answer.h"
#include "common/net/address.h"
#include "mirrorlist_client/request_limit.h"

namespace mirrorway::mirrorlist_client {

class FloodGate {
 public:
  // `limit` is shared by the workers and outlives this object; null: nobody is turned away.
  FloodGate(RequestLimit* limit, std::vector<net::Prefix> trusted_proxies);

  // Counts a request of this client; when it is one too many, how to answer it, in the form that
  // `wish` says. This machine and
  // trusted proxies themselves are never turned away: a request that seems to be theirs is a check
  // of theirs, or anybody's, from a proxy that does not say whose.
  std::optional<http::Answer> refuse(const net::Address& client, const http::Wish& wish);

 private:
  bool is_exempt(const net::Address& client) const;
  void report(const net::Address& client);

  RequestLimit* limit_;
  std::vector<net::Prefix> exempt_;
  // Names one network in as long, the first that is met; the counter knows how many there were.
  base::MessageLimit messages_{std::chrono::seconds(10)};
};

}  // namespace mirrorway::mirrorlist_client
