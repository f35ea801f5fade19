#include "mirrorlist_client/flood_gate.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "mirrorlist_client/metrics.h"

namespace mirrorway::mirrorlist_client {
namespace {

constexpr unsigned kTooManyRequests = 429;

}  // namespace

FloodGate::FloodGate(RequestLimit* limit, std::vector<net::Prefix> trusted_proxies)
    : limit_(limit), exempt_(std::move(trusted_proxies)) {
  for (const char* loopback : {"127.0.0.0/8", "::1/128"})
    exempt_.push_back(*net::Prefix::parse(loopback));
}

bool FloodGate::is_exempt(const net::Address& client) const {
  return std::any_of(exempt_.begin(), exempt_.end(),
                     [&](const net::Prefix& prefix) { return prefix.contains(client); });
}

std::optional<http::Answer> FloodGate::refuse(const net::Address& client, const http::Wish& wish) {
  if (!limit_) return std::nullopt;
  const auto wait = limit_->refuse(client, RequestLimit::Clock::now());
  if (!wait || is_exempt(client)) return std::nullopt;
  count(Counter::kRequestsLimited);
  report(client);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait).count();
  auto answer = http::make_error(
      kTooManyRequests,
      fmt::format("more than {} requests a second from {}; please try again in {} s",
                  limit_->settings().per_second, limited_network(client).text(), seconds),
      wish);
  answer.headers.push_back({"Retry-After", std::to_string(seconds)});
  return answer;
}

void FloodGate::report(const net::Address& client) {
  if (!messages_.take_turn()) return;
  base::log(base::LogLevel::kWarning, "too many requests from one network", "network={}",
            limited_network(client).text());
}

}  // namespace mirrorway::mirrorlist_client
