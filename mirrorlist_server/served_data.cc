#include "mirrorlist_server/served_data.h"

#include <sys/stat.h>

#include <utility>

#include "common/base/error.h"
#include "common/base/log.h"
#include "common/geo/geoip_option.h"

namespace mirrorway::mirrorlist_server {
namespace {

using base::log;
using base::LogLevel;

std::unique_ptr<const geo::GeoDatabase> load_geo(const Settings& settings) {
  const auto files = geo::geoip_files(settings.geoip);
  return std::make_unique<const geo::GeoDatabase>(files.empty() ? geo::GeoDatabase()
                                                                : geo::GeoDatabase::load(files));
}

// Changes when one of the files is replaced or written to. A missing file counts as changed: to
// load it again gives the message.
std::vector<FileIdentity> identify(const std::vector<std::string>& files) {
  std::vector<FileIdentity> identities;
  for (const std::string& file : files) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return {};
    // Not the time of its content, which cp -p and tar set: another file may have had the same.
    identities.emplace_back(status.st_dev, status.st_ino, status.st_ctim.tv_sec,
                            status.st_ctim.tv_nsec);
  }
  return identities;
}

}  // namespace

ServedData::ServedData(const Settings& settings, const SharedMetrics& metrics)
    : settings_(settings),
      metrics_(metrics),
      // First, so that its process works while this one examines the geolocation files.
      loader_(std::in_place, settings.snapshot, Loader::Urgency::kAtOnce, settings.load_timeout),
      geo_files_(identify(geo::geoip_files(settings.geoip))),
      geo_(load_geo(settings)),
      snapshot_(loader_->finish()) {
  loader_.reset();
  count_snapshot();
  log_snapshot();
}

void ServedData::count_snapshot() const {
  count(Counter::kSnapshotGeneration);
  own_metrics().counters.set(Counter::kSnapshotWritten, snapshot_.written);
  own_metrics().counters.set(Counter::kCatalogTime, image().catalog_time());
}

void ServedData::log_snapshot() const {
  log(LogLevel::kInfo, "snapshot loaded",
      "path={} sha256={:.16} hosts={} directories={} repositories={} catalog_time={} memory={}",
      base::quoted(settings_.snapshot), snapshot_.digest, image().hosts().size(),
      image().directories().size(), image().repositories().size(), image().catalog_time(),
      snapshot_.image->size());
}

void ServedData::start_reload() {
  if (loader_) {
    wants_reload_ = true;
    if (loader_->fd() < 0)
      log(LogLevel::kWarning, "reload waits for the disk that hangs", "path={}",
          base::quoted(settings_.snapshot));
    return;
  }
  try {
    loader_.emplace(settings_.snapshot, Loader::Urgency::kBackground, settings_.load_timeout);
  } catch (const base::Error& error) {
    count(Counter::kReloadsFailed);
    log(LogLevel::kError, "reload failed", "error={}", base::quoted(error.what()));
  }
}

std::optional<std::chrono::milliseconds> ServedData::time_left() const {
  return loader_ ? loader_->time_left() : std::nullopt;
}

bool ServedData::take_reload() {
  if (!loader_ || loader_->fd() < 0 || !loader_->has_ended()) return false;
  const bool has_new_snapshot = take_snapshot();
  // Not while a disk hangs: this process must not wait for it, too.
  const bool has_new_geo = loader_->is_gone() && take_geo();
  end_reload();
  return has_new_snapshot || has_new_geo;
}

// When the loader's process has ended, which one that waits for a disk does late, though killed.
void ServedData::end_reload() {
  if (!loader_ || loader_->fd() >= 0 || !loader_->is_gone()) return;
  loader_.reset();
  if (std::exchange(wants_reload_, false)) start_reload();
}

bool ServedData::take_snapshot() {
  try {
    snapshot_ = loader_->finish();
    log_snapshot();
    count_snapshot();
    count(Counter::kReloadsDone);
    own_metrics().counters.set(Counter::kSnapshotIsRefused, 0);
    metrics_.notes().snapshot_problem.set({});
    return true;
  } catch (const base::Error& error) {
    count(Counter::kReloadsRefused);
    own_metrics().counters.set(Counter::kSnapshotIsRefused, 1);
    metrics_.notes().snapshot_problem.set(error.what());
    log(LogLevel::kError, "snapshot refused, the old one stays", "error={}",
        base::quoted(error.what()));
    return false;
  }
}

bool ServedData::take_geo() {
  const auto files = geo::geoip_files(settings_.geoip);
  const auto identities = identify(files);
  if (identities == geo_files_ && identities.size() == files.size()) return false;
  try {
    geo_ = load_geo(settings_);
    geo_files_ = identities;
    count(Counter::kGeoLoaded);
    own_metrics().counters.set(Counter::kGeoIsRefused, 0);
    metrics_.notes().geolocation_problem.set({});
    log(LogLevel::kInfo, "geolocation loaded", "files={}", files.size());
    return true;
  } catch (const base::Error& error) {
    count(Counter::kGeoRefused);
    own_metrics().counters.set(Counter::kGeoIsRefused, 1);
    metrics_.notes().geolocation_problem.set(error.what());
    log(LogLevel::kError, "geolocation refused, the old one stays", "error={}",
        base::quoted(error.what()));
    return false;
  }
}

}  // namespace mirrorway::mirrorlist_server
