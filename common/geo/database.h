// Geolocation through MaxMind DB files (MaxMind's, IPinfo's and others' shapes; see DESIGN.md).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/geo/answer.h"
#include "common/geo/file.h"
#include "common/net/address.h"

namespace mirrorway::geo {

// Several files as one. Each datum comes from the first file, in the order given, that has it for
// the address; so one list serves countries, ASNs and cities, and IPv4 and IPv6 in separate files.
class GeoDatabase {
 public:
  // Knows nothing.
  GeoDatabase() = default;

  // Throws base::Error that names the first bad file and the reason. Replacing the files later does
  // not affect this object, and forked children share its memory.
  static GeoDatabase load(std::span<const std::string> paths);

  // Does not block, allocate or throw. The address is looked up as it is: the caller unwraps
  // tunnels (net::Address::unwrapped).
  GeoAnswer find(const net::Address& address) const;

  std::span<const GeoFile> files() const { return files_; }

 private:
  std::vector<GeoFile> files_;
};

}  // namespace mirrorway::geo
