// Whether this front end can answer, and why not.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/lookup.pb.h"

namespace mirrorway::mirrorlist_client {

struct HealthFacts {
  std::uint64_t workers = 0;                   // that run
  std::optional<proto::ServerStatus> server;   // nullopt: mirrorlist_server did not say
  std::optional<std::uint32_t> lookup_status;  // of a lookup that was tried; nullopt: no answer
  std::chrono::system_clock::time_point now;
};

enum class HealthState : std::uint8_t {
  kOk,
  kWarning,  // answers, but somebody should look
  kFailing,  // send clients elsewhere
};

struct Health {
  HealthState state = HealthState::kOk;
  std::vector<std::string> reasons;  // sentences; those for failing first
};

// `max_snapshot_age` 0: any age will do.
Health judge_health(const HealthFacts& facts, std::chrono::seconds max_snapshot_age);

// "ok", "warning" or "failing" and the reasons, a line each.
std::string health_text(const Health& health);
// {"status": …, "reasons": […], "snapshot": {"sha256": …, "generation": …, "age_seconds": …}}; the
// snapshot is null when the server did not say.
std::string health_json(const Health& health, const HealthFacts& facts);

}  // namespace mirrorway::mirrorlist_client
