// Geolocation files come from download sites. Whatever the bytes, loading ends with an error that
// names the file or with a database that answers every address within its bounds.

#include <fcntl.h>
#include <sys/mman.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "common/base/error.h"
#include "common/base/fd.h"
#include "common/base/file.h"
#include "common/geo/database.h"

using namespace mirrorway;

namespace {

// Addresses at both ends of both families, in between, and those that files treat as special.
constexpr std::array kAddresses = std::to_array<std::string_view>(
    {"0.0.0.0", "255.255.255.255", "2.125.160.216", "89.160.20.113", "192.0.2.1", "198.18.2.7",
     "128.0.0.0", "::", "::1", "::2.125.160.216", "2001:218::1", "2001:db8::1",
     "2002:c000:201::", "8000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"});

void check(const geo::GeoAnswer& answer) {
  MIRRORWAY_ASSERT(!answer.asn || *answer.asn > 0);
  if (!answer.coordinates) return;
  MIRRORWAY_ASSERT(std::abs(answer.coordinates->latitude) <= 90);
  MIRRORWAY_ASSERT(std::abs(answer.coordinates->longitude) <= 180);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Fd fd(::memfd_create("geoip_file_fuzz", MFD_CLOEXEC));
  MIRRORWAY_ASSERT(static_cast<bool>(fd));
  base::write_all(fd, {reinterpret_cast<const char*>(data), size}, "memfd");
  const std::string path = fmt::format("/proc/self/fd/{}", fd.get());
  try {
    const auto database = geo::GeoDatabase::load(std::array{path});
    MIRRORWAY_ASSERT(database.files().front().database_type().size() <= size);
    for (const std::string_view address : kAddresses)
      check(database.find(*net::Address::parse(address)));
  } catch (const base::Error& error) {
    MIRRORWAY_ASSERT(std::string_view(error.what()).find(path) != std::string_view::npos);
  }
  return 0;
}
