#include "mirrorlist_server/verify.h"

#include "common/base/error.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/snapshot/file.h"
#include "common/snapshot/image.h"

namespace mirrorway::mirrorlist_server {

std::string verify_snapshot(const std::string& path) {
  const std::string bytes = base::read_file(path, snapshot::kMaxSnapshotBytes);
  try {
    const proto::Snapshot snapshot = snapshot::decode_file(bytes);
    snapshot::Image::build(snapshot);
    return fmt::format(
        "sha256={:.16} catalog_time={} generation={} hosts={} directories={} repositories={}",
        snapshot::file_digest(bytes), snapshot.catalog_time(), snapshot.catalog_generation(),
        snapshot.hosts_size(), snapshot.directories_size(), snapshot.repositories_size());
  } catch (const base::Error& error) {
    throw base::Error("{}: {}", path, error.what());
  }
}

}  // namespace mirrorway::mirrorlist_server
