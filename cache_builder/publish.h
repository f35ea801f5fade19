// How a snapshot comes into place, whoever made it: build, import-mirrormanager. DESIGN.md has the
// order of steps and its reasons.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cache_builder/guards.h"
#include "cache_builder/lock.h"
#include "cache_builder/probes.h"
#include "common/base/options.h"
#include "common/snapshot/file.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::cache_builder {

struct PublishSettings {
  std::string output = "/var/lib/mirrorway/mirrorlist.snapshot";
  std::chrono::milliseconds lock_wait{0};
  std::uint32_t keep = 24;
  base::Share max_loss{0.2};
  ProbeSettings probes;
  bool is_forced = false;
  bool is_dry_run = false;  // everything but the publication itself
};

// Declares what the configuration says of it, and the checks. `settings` outlives options.parse.
void declare_publishing(base::Options& options, PublishSettings& settings);

// One line on stderr that is no failure.
void warn(std::string_view text);

// One publication, from the lock to the rename. Everything throws base::Error, and Stopped where
// the program has a status of its own for it; then what was in place is there still.
class Publication {
 public:
  // Takes the lock, looks whether there is a hold, and removes what killed builds have left.
  // `purpose` is for the lock. `settings` must outlive this object.
  Publication(const PublishSettings& settings, std::string_view purpose);

  // Notes what the snapshot in place has, for publish to compare with. Apart from it so that it can
  // be done before the new snapshot needs its memory.
  void read_in_place();

  // `encoder` is that of `snapshot`. Asks the guards, then puts it in place and keeps the one that
  // was.
  void publish(const proto::Snapshot& snapshot, const snapshot::FileEncoder& encoder);

 private:
  void respect_hold() const;
  void ask_guards(const proto::Snapshot& snapshot, const snapshot::FileEncoder& encoder) const;
  void keep_in_place(const std::string& successor_digest) const;

  const PublishSettings& settings_;
  PublicationLock lock_;
  std::optional<Census> in_place_;
  std::string in_place_digest_;
};

}  // namespace mirrorway::cache_builder
