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
// When it returns, no build but a forced one publishes any more: it waits for one that is under way
// as long as settings.lock_wait says. After kExitLocked that one may still do it, and no other.
int run_hold(const PublishSettings& settings, const std::string& reason);
int run_release(const std::string& output);

}  // namespace mirrorway::cache_builder
