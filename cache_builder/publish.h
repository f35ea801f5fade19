// How a snapshot comes into place, whoever made it: build, import-mirrormanager. DESIGN.md has the
// order of steps and its reasons.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "cache_builder/lock.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::cache_builder {

struct PublishSettings {
  std::string output = "/var/lib/mirrorway/mirrorlist.snapshot";
  std::chrono::milliseconds lock_wait{0};
};

// One publication, from the lock to the rename. Everything throws base::Error, and Stopped where
// the program has a status of its own for it; then what was in place is there still.
class Publication {
 public:
  // Takes the lock and removes what killed builds have left. `purpose` is for the lock. `settings`
  // must outlive this object.
  Publication(const PublishSettings& settings, std::string_view purpose);

  // `bytes` is the file of `snapshot`.
  void publish(const proto::Snapshot& snapshot, std::string_view bytes);

 private:
  const PublishSettings& settings_;
  PublicationLock lock_;
};

}  // namespace mirrorway::cache_builder
