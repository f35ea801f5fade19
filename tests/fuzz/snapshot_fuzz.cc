// A snapshot file is copied between machines; what the loader accepts, the image must be able to
// hold. The header's checksum is left out here: no fuzzer gets past it, and it protects against
// nobody who means harm.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "common/snapshot/file.h"
#include "common/snapshot/image.h"

using namespace mirrorway;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    snapshot::decode_file({reinterpret_cast<const char*>(data), size});
  } catch (const base::Error&) {
  }

  proto::Snapshot snapshot;
  if (!snapshot.ParseFromArray(data, static_cast<int>(size))) return 0;
  try {
    snapshot::validate(snapshot);
  } catch (const base::Error&) {
    return 0;
  }
  const auto block = snapshot::Image::build(snapshot);
  const snapshot::Image image(block);
  for (const auto& directory : snapshot.directories())
    MIRRORWAY_ASSERT(image.find_directory(directory.path()).has_value());
  for (const auto& record : image.directories()) {
    const auto carriers = image.carriers(record);
    snapshot::for_each_host(carriers, [&](snapshot::HostIndex host) {
      MIRRORWAY_ASSERT(!image.urls(host, record.category).empty());
    });
    MIRRORWAY_ASSERT(image.subpath(record).size() <= image.text(record.path).size());
  }
  for (const auto& repository : snapshot.repositories())
    MIRRORWAY_ASSERT(image.find_repository(repository.name(), repository.architecture()));
  return 0;
}
