#include "mirrorlist_client/front_end.h"

#include <utility>

#include "common/base/log.h"
#include "common/http/client_address.h"
#include "common/http/lookup.h"

namespace mirrorway::mirrorlist_client {

FrontEnd::FrontEnd(EventLoop& loop, std::vector<base::Fd> sockets, Settings settings)
    : trusted_proxies_(std::move(settings.trusted_proxies)),
      lookups_(loop, std::move(settings.lookups)),
      listener_(loop, std::move(sockets), settings.http,
                [this](HttpListener::ConnectionId id, const net::Address& peer,
                       const http::RequestHead& head) { handle_request(id, peer, head); }) {}

void FrontEnd::handle_request(HttpListener::ConnectionId id, const net::Address& peer,
                              const http::RequestHead& head) {
  if (head.method != "GET" && head.method != "HEAD")
    return listener_.answer(id, http::make_error(405, "only GET and HEAD are answered here"));
  const auto client = http::find_client_address(peer, head.forwarded, trusted_proxies_);
  const auto parsed = http::parse_lookup(head.target, client);
  if (const auto* problem = std::get_if<http::Problem>(&parsed))
    return listener_.answer(id, http::make_error(problem->status, problem->text));
  lookups_.ask(std::get<proto::LookupRequest>(parsed),
               [this, id](std::optional<proto::LookupResponse> response) {
                 handle_response(id, std::move(response));
               });
}

void FrontEnd::handle_response(HttpListener::ConnectionId id,
                               std::optional<proto::LookupResponse> response) {
  if (!response)
    return listener_.answer(id, http::make_error(503, "no answer in time; please try again"));
  const auto status = response->status();
  const auto answer = http::make_answer(*std::move(response));
  if (!answer) {
    base::log(base::LogLevel::kError, "bad answer from the server", "status={}", status);
    return listener_.answer(id, http::make_error(503, "no valid answer; please try again"));
  }
  listener_.answer(id, *answer);
}

}  // namespace mirrorway::mirrorlist_client
