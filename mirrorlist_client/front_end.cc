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
      flood_gate_(settings.limit, trusted_proxies_),
      routes_(std::move(settings.routes)),
      access_log_(loop, std::move(settings.access_log)),
      lookups_(loop, std::move(settings.lookups)),
      listener_(
          loop, std::move(sockets), settings.http,
          [this](HttpListener::ConnectionId id, const net::Address& peer,
                 const http::RequestHead& head) { handle_request(id, peer, head); },
          [this](const net::Address& peer, unsigned status) { note_problem(peer, status); }) {}

void FrontEnd::handle_request(HttpListener::ConnectionId id, const net::Address& peer,
                              const http::RequestHead& head) {
  const auto client = http::find_client_address(peer, head.forwarded, trusted_proxies_);
  Pending pending{id, {}, {}, head.method != "HEAD"};
  if (access_log_.is_on())
    pending.access = std::make_shared<AccessEntry>(begin_entry(client, head));
  const auto parsed = http::parse_lookup(routes_, head.target, head.accept, client);
  http::Wish& wish = pending.wish;
  wish = {parsed.form, parsed.is_negotiated, {}};
  if (const auto refusal = flood_gate_.refuse(client, wish))
    return answer(pending, *refusal, std::nullopt);
  if (head.method != "GET" && head.method != "HEAD")
    return answer(pending, http::make_error(405, "only GET and HEAD are answered here", wish),
                  std::nullopt);
  if (const auto* problem = std::get_if<http::Problem>(&parsed.result))
    return answer(pending, http::make_error(problem->status, problem->text, wish), wish.form);
  const auto& request = std::get<proto::LookupRequest>(parsed.result);
  wish.file_name = http::document_name(request);
  if (pending.access) {
    pending.access->asked_for = net::Address::from_bytes(request.client_address());
    pending.access->repository = request.repository();
    pending.access->architecture = request.architecture();
    pending.access->path = request.path();
  }
  lookups_.ask(request,
               [this, pending = std::move(pending)](std::optional<proto::LookupResponse> response) {
                 handle_response(pending, std::move(response));
               });
}

void FrontEnd::handle_response(const Pending& pending,
                               std::optional<proto::LookupResponse> response) {
  const auto refuse = [&](std::string_view text) {
    answer(pending, http::make_error(503, text, pending.wish), pending.wish.form);
  };
  if (!response) return refuse("no answer in time; please try again");
  if (pending.access) pending.access->country = response->client_country();
  const auto status = response->status();
  const auto form = status < kLeastError ? response->form() : pending.wish.form;
  const auto tier = response->found_via();
  const auto rendered = http::make_answer(*std::move(response), pending.wish);
  if (!rendered) {
    count(Counter::kLookupsBadAnswer);
    base::log(base::LogLevel::kError, "bad answer from the server", "status={}", status);
    return refuse("no valid answer; please try again");
  }
  answer(pending, *rendered, form, tier);
}

void FrontEnd::answer(const Pending& pending, const http::Answer& answer,
                      std::optional<proto::Form> form, proto::Tier tier) {
  own_metrics().requests.add(form, answer.status, tier);
  listener_.answer(pending.id, answer);
  if (!pending.access) return;
  AccessEntry& entry = *pending.access;
  entry.status = answer.status;
  entry.form = form;
  entry.tier = tier;
  entry.bytes = pending.has_body ? answer.body.size() : 0;
  entry.duration = Clock::now() - entry.started;
  access_log_.add(std::move(entry));
}

// What was no request has been answered already.
void FrontEnd::note_problem(const net::Address& peer, unsigned status) {
  if (!access_log_.is_on()) return;
  AccessEntry entry = begin_entry(peer, {});
  entry.status = status;
  access_log_.add(std::move(entry));
}

}  // namespace mirrorway::mirrorlist_client
