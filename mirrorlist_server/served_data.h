// The snapshot and the geolocation files that children answer from, and how others take their
// place.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "common/geo/database.h"
#include "mirrorlist_server/loader.h"
#include "mirrorlist_server/metrics.h"
#include "mirrorlist_server/settings.h"

namespace mirrorway::mirrorlist_server {

// Device, inode, and seconds and nanoseconds of the last change of any kind.
using FileIdentity = std::tuple<dev_t, ino_t, time_t, long>;

class ServedData {
 public:
  // Loads everything. Throws base::Error that names the file that cannot be. Both outlive this.
  ServedData(const Settings& settings, const SharedMetrics& metrics);

  const snapshot::Image& image() const { return snapshot_.image->image(); }
  // SHA-256 of the snapshot, hexadecimal.
  std::string_view digest() const { return snapshot_.digest; }
  const geo::GeoDatabase& geo() const { return *geo_; }

  // Begins to load anew; while that is under way already, once more afterwards.
  void start_reload();
  // Readable when take_reload may have something to do; -1: it has not.
  int fd() const { return loader_ ? loader_->fd() : -1; }
  // Until it has in any case.
  std::optional<std::chrono::milliseconds> time_left() const;
  // Takes over what a load that has ended brings; what is refused stays as it is, with a word in
  // the log. Returns whether anything is new. Does not wait for a load.
  bool take_reload();
  // After SIGCHLD: the process of a load may have ended, so that the next can begin.
  void end_reload();
  // Gives a load that is under way up.
  void stop_loading() { loader_.reset(); }

 private:
  bool take_snapshot();
  bool take_geo();
  void count_snapshot() const;
  void log_snapshot() const;

  const Settings& settings_;
  const SharedMetrics& metrics_;
  std::optional<Loader> loader_;
  std::vector<FileIdentity> geo_files_;  // as they were when geo_ was loaded
  std::unique_ptr<const geo::GeoDatabase> geo_;
  LoadedSnapshot snapshot_;
  bool wants_reload_ = false;  // asked for while a load was under way
};

}  // namespace mirrorway::mirrorlist_server
