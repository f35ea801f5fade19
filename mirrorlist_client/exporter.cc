#include "mirrorlist_client/exporter.h"

#include <array>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "common/base/options.h"
#include "common/daemon/signals.h"
#include "common/http/accept.h"
#include "mirrorlist_client/health.h"
#include "mirrorlist_client/http_listener.h"
#include "mirrorlist_client/metrics_text.h"
#include "mirrorlist_client/report.h"

namespace mirrorway::mirrorlist_client {
namespace {

// A predecessor has the address until it ends: that is soon, and no news.
constexpr std::chrono::milliseconds kListenPause{20};
constexpr std::chrono::milliseconds kListenPatience{3'000};
// Few ask here; a flood is nobody's business but its own.
constexpr HttpListener::Settings kHttp{
    64, {std::chrono::seconds(10), std::chrono::seconds(75), std::chrono::seconds(30)}};
constexpr std::string_view kText = "text/plain; charset=utf-8";

using Response = std::optional<proto::LookupResponse>;

// Of the server's status; nullopt when there is none.
std::optional<proto::ServerStatus> status_of(Response response) {
  if (!response || !response->has_server_status()) return std::nullopt;
  return std::move(*response->mutable_server_status());
}

proto::LookupRequest status_request() {
  proto::LookupRequest request;
  request.set_asks_status(true);
  return request;
}

// A question that real clients ask; without a repository it is answered with 404.
proto::LookupRequest lookup_request(const proto::ServerStatus& server) {
  proto::LookupRequest request;
  request.set_repository(server.repository());
  request.set_architecture(server.architecture());
  request.set_client_address(std::string(net::Address().bytes()));
  return request;
}

bool wants_json(const http::RequestHead& head) {
  constexpr std::array<http::Offer, 1> kOffers{{{"application/json", proto::JSON}}};
  return http::negotiate(head.accept, kOffers).has_value();
}

http::Answer make_answer(unsigned status, std::string_view content_type, std::string body) {
  return {status, content_type, std::move(body), {{"Cache-Control", "no-store"}}};
}

class Exporter {
 public:
  Exporter(EventLoop& loop, ExporterSettings settings, const SharedMetrics& shared)
      : loop_(loop),
        settings_(std::move(settings)),
        shared_(shared),
        lookups_(loop, settings_.lookups),
        listen_later_(Event::timer(loop, [this] { listen(); })) {
    listen();
  }

 private:
  using ConnectionId = HttpListener::ConnectionId;

  void listen() {
    std::vector<base::Fd> sockets;
    try {
      sockets.push_back(listen_alone(settings_.listen));
    } catch (const base::Error& error) {
      if (Clock::now() - started_ > kListenPatience && !std::exchange(has_said_, true))
        base::log(base::LogLevel::kWarning, "no metrics until their address can be had",
                  "error={} option=--metrics-listen", base::quoted(error.what()));
      listen_later_.start_in(kListenPause);
      return;
    }
    base::log(base::LogLevel::kInfo, "metrics ready", "listen={}",
              listening_at(sockets.front()).text());
    http_.emplace(
        loop_, std::move(sockets), kHttp,
        [this](ConnectionId id, const net::Address& /*peer*/, const http::RequestHead& head) {
          handle_request(id, head);
        },
        [](const net::Address& /*peer*/, unsigned /*status*/) {});
  }

  void handle_request(ConnectionId id, const http::RequestHead& head) {
    if (head.method != "GET" && head.method != "HEAD")
      return http_->answer(id, http::make_error(405, "only GET and HEAD are answered here"));
    const std::string_view path = head.target.substr(0, head.target.find('?'));
    if (path == "/metrics") return answer_metrics(id);
    if (path == "/health/live") return http_->answer(id, make_answer(200, kText, "ok\n"));
    if (path == "/health/ready") return answer_ready(id, wants_json(head));
    http_->answer(id, http::make_error(404, "here are /metrics, /health/live and /health/ready"));
  }

  void answer_metrics(ConnectionId id) {
    lookups_.ask(status_request(), [this, id](Response response) {
      const auto server = status_of(std::move(response));
      metrics::Families families = report_front_end(shared_);
      metrics::add_single(proto::GAUGE, "server_up",
                          "1 when mirrorlist_server tells how it is; without, its metrics are "
                          "missing here",
                          server ? 1 : 0, families);
      if (server) families.MergeFrom(server->metrics());
      http_->answer(id, make_answer(200, kMetricsContentType, metrics_text(families)));
    });
  }

  void answer_ready(ConnectionId id, bool is_json) {
    lookups_.ask(status_request(), [this, id, is_json](Response response) {
      HealthFacts facts;
      facts.server = status_of(std::move(response));
      if (!facts.server) return answer_health(id, is_json, std::move(facts));
      const auto request = lookup_request(*facts.server);
      lookups_.ask(request, [this, id, is_json, facts = std::move(facts)](Response lookup) mutable {
        if (lookup) facts.lookup_status = lookup->status();
        answer_health(id, is_json, std::move(facts));
      });
    });
  }

  void answer_health(ConnectionId id, bool is_json, HealthFacts facts) {
    facts.workers = shared_.total(Counter::kWorkersRunning);
    facts.now = std::chrono::system_clock::now();
    const Health health = judge_health(facts, settings_.max_snapshot_age);
    const unsigned status = health.state == HealthState::kFailing ? 503 : 200;
    http_->answer(id, is_json ? make_answer(status, "application/json", health_json(health, facts))
                              : make_answer(status, kText, health_text(health)));
  }

  EventLoop& loop_;
  const ExporterSettings settings_;
  const SharedMetrics& shared_;
  LookupPool lookups_;
  std::optional<HttpListener> http_;
  Event listen_later_;
  Clock::time_point started_ = Clock::now();
  bool has_said_ = false;
};

}  // namespace

int export_metrics(ExporterSettings settings, const SharedMetrics& shared) noexcept {
  try {
    EventLoop loop;
    const Exporter exporter(loop, std::move(settings), shared);
    Event on_terminate = Event::signal(loop, SIGTERM, [&] { loop.stop(); });
    Event on_interrupt = Event::signal(loop, SIGINT, [&] { loop.stop(); });
    on_terminate.start();
    on_interrupt.start();
    daemon::unblock_signals();
    loop.run();
    return base::kExitSuccess;
  } catch (const std::exception& error) {
    base::log(base::LogLevel::kError, "metrics process failed", "error={}",
              base::quoted(error.what()));
    return base::kExitFailure;
  }
}

}  // namespace mirrorway::mirrorlist_client
