#include "mirrorlist_client/health.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/base/text.h"

namespace mirrorway::mirrorlist_client {
namespace {

constexpr std::uint32_t kLeastServerError = 500;

// A snapshot from the future is new.
std::chrono::seconds age_of(const proto::ServerStatus& server,
                            std::chrono::system_clock::time_point now) {
  const auto unix_now =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const auto age = unix_now - static_cast<std::int64_t>(server.snapshot_written());
  return std::chrono::seconds(std::max<std::int64_t>(age, 0));
}

std::string in_words(std::chrono::seconds time) {
  using std::chrono::duration_cast;
  if (time < std::chrono::minutes(2)) return fmt::format("{} s", time.count());
  if (time < std::chrono::hours(2))
    return fmt::format("{} min", duration_cast<std::chrono::minutes>(time).count());
  return fmt::format("{} h", duration_cast<std::chrono::hours>(time).count());
}

std::string_view name_of(HealthState state) {
  switch (state) {
    case HealthState::kOk:
      return "ok";
    case HealthState::kWarning:
      return "warning";
    case HealthState::kFailing:
      return "failing";
  }
  return "failing";
}

void add_failures(const HealthFacts& facts, std::chrono::seconds max_snapshot_age, Health& health) {
  const auto fail = [&health](std::string reason) {
    health.state = HealthState::kFailing;
    health.reasons.push_back(std::move(reason));
  };
  if (facts.workers == 0) fail("no worker process is running");
  if (!facts.server) return fail("mirrorlist_server does not answer");
  if (!facts.lookup_status) {
    fail("mirrorlist_server does not answer a lookup");
  } else if (*facts.lookup_status >= kLeastServerError || *facts.lookup_status == 0) {
    fail(fmt::format("mirrorlist_server answers a lookup with status {}", *facts.lookup_status));
  }
  const auto age = age_of(*facts.server, facts.now);
  if (max_snapshot_age.count() > 0 && age > max_snapshot_age)
    fail(fmt::format("the snapshot is {} old; --max-snapshot-age allows {}", in_words(age),
                     in_words(max_snapshot_age)));
}

void add_warnings(const proto::ServerStatus& server, Health& health) {
  constexpr std::size_t kMaxBytes = 500;
  const auto warn = [&health](std::string_view what, const std::string& why) {
    if (why.empty()) return;
    health.state = std::max(health.state, HealthState::kWarning);
    health.reasons.push_back(fmt::format("{}: {}", what, base::printable(why, kMaxBytes)));
  };
  warn("the snapshot offered last was refused, an older one answers", server.snapshot_problem());
  warn("the geolocation files offered last were refused, older ones are used",
       server.geolocation_problem());
}

}  // namespace

Health judge_health(const HealthFacts& facts, std::chrono::seconds max_snapshot_age) {
  Health health;
  add_failures(facts, max_snapshot_age, health);
  if (facts.server) add_warnings(*facts.server, health);
  return health;
}

std::string health_text(const Health& health) {
  std::string text(name_of(health.state));
  text += '\n';
  for (const std::string& reason : health.reasons) text += reason + '\n';
  return text;
}

std::string health_json(const Health& health, const HealthFacts& facts) {
  nlohmann::ordered_json json{{"status", name_of(health.state)}, {"reasons", health.reasons}};
  json["snapshot"] = nullptr;
  if (facts.server)
    json["snapshot"] = {{"sha256", facts.server->snapshot_digest()},
                        {"generation", facts.server->snapshot_generation()},
                        {"age_seconds", age_of(*facts.server, facts.now).count()}};
  return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace mirrorway::mirrorlist_client
