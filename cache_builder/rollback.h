// What an operator does by hand to what is published: history, rollback, hold, release.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cache_builder/publish.h"

namespace mirrorway::cache_builder {

struct RollbackSettings {
  std::optional<std::uint32_t> number;  // of a kept snapshot; else the one before
  bool lets_builds_go_on = false;       // without a hold
};

// All return the exit status and throw base::Error, Stopped included.
int run_history(const std::string& output);
int run_rollback(const PublishSettings& settings, const RollbackSettings& rollback);
int run_hold(const std::string& output, const std::string& reason);
int run_release(const std::string& output);

}  // namespace mirrorway::cache_builder
