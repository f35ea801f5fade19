#include "mirrorlist_client/front_end.h"

#include <utility>

#include "common/base/log.h"
#include "common/http/client_address.h"
#include "mirrorlist_client/metrics.h"

namespace mirrorway::mirrorlist_client {
namespace {

constexpr unsigned kLeastError = 400;

}  // namespace

FrontEnd::FrontEnd(EventLoop& loop, std::vector<base::Fd> sockets, Settings settings)
    : trusted_proxies_(std::move(settings.trusted_proxies)),
      routes_(std::move(settings.routes)),
      access_log_(loop, std::move(settings.access_log)),
      lookups_(loop, std::move(settings.lookups)),
      listener_(loop, std::move(sockets), settings.http,
                [this](HttpListener::ConnectionId id, const net::Address& peer,
                       const http::RequestHead& head) { handle_request(id, peer, head); }) {}

void FrontEnd::handle_request(HttpListener::ConnectionId id, const net::Address& peer,
                              const http::RequestHead& head) {
  if (head.method != "GET" && head.method != "HEAD")
    return answer(id, http::make_error(405, "only GET and HEAD are answered here"), std::nullopt);
  const auto client = http::find_client_address(peer, head.forwarded, trusted_proxies_);
  const auto parsed = http::parse_lookup(routes_, head.target, head.accept, client);
  http::Wish wish{parsed.form, parsed.is_negotiated, {}};
  if (const auto* problem = std::get_if<http::Problem>(&parsed.result))
    return answer(id, http::make_error(problem->status, problem->text, wish), wish.form);
  const auto& request = std::get<proto::LookupRequest>(parsed.result);
  wish.file_name = http::document_name(request);
  Pending pending{id, std::move(wish), {}};
  if (access_log_.is_on())
    pending.access = {*net::Address::from_bytes(request.client_address()),
                      {},
                      {},
                      request.repository(),
                      request.architecture()};
  lookups_.ask(request,
               [this, pending = std::move(pending)](std::optional<proto::LookupResponse> response) {
                 handle_response(pending, std::move(response));
               });
}

void FrontEnd::handle_response(const Pending& pending,
                               std::optional<proto::LookupResponse> response) {
  const auto refuse = [&](std::string_view text) {
    answer(pending.id, http::make_error(503, text, pending.wish), pending.wish.form);
  };
  if (!response) return refuse("no answer in time; please try again");
  note_access(pending, *response);
  const auto status = response->status();
  const auto form = status < kLeastError ? response->form() : pending.wish.form;
  const auto tier = response->found_via();
  const auto rendered = http::make_answer(*std::move(response), pending.wish);
  if (!rendered) {
    count(Counter::kLookupsBadAnswer);
    base::log(base::LogLevel::kError, "bad answer from the server", "status={}", status);
    return refuse("no valid answer; please try again");
  }
  answer(pending.id, *rendered, form, tier);
}

void FrontEnd::answer(HttpListener::ConnectionId id, const http::Answer& answer,
                      std::optional<proto::Form> form, proto::Tier tier) {
  own_metrics().requests.add(form, answer.status, tier);
  listener_.answer(id, answer);
}

// As MirrorManager: those that named a repository, and got mirrors.
void FrontEnd::note_access(const Pending& pending, const proto::LookupResponse& response) {
  if (!access_log_.is_on() || pending.access.repository.empty() || response.status() >= kLeastError)
    return;
  AccessEntry entry = pending.access;
  entry.time = std::chrono::system_clock::now();
  entry.country = response.client_country();
  access_log_.add(format_mirrormanager(entry));
}

}  // namespace mirrorway::mirrorlist_client
