// A network whose names try to break out of every form of answer, asked over the HTTP interface.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/geo/database.h"
#include "common/http/answer.h"
#include "common/http/lookup.h"
#include "common/selection/select.h"
#include "common/snapshot/image.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::tests {

// Everything that means something in a URL, a header, XML, HTML, JSON or a shell.
inline constexpr const char* kHostileName =
    // NOLINTNEXTLINE(misc-misleading-bidirectional): that is what it is for
    "a b%20#?+&<i>\"x\"'y' --]]>$basearch\\;,\xC3\xA9\xE2\x80\xAE\xEF\xBF\xBE.iso";
inline constexpr const char* kHostileDirectory = "pub/linux/R&D \"<50%>\" 'n' #1?+";
inline constexpr const char* kHostileRepository = "r&d \"<x>\" 100%+";
inline constexpr const char* kHostileHost = "<script>alert('1')</script> & \"Co\" --]]>";

// Who asks: in Sydney, AS13335, by the geolocation file.
inline constexpr const char* kSydney = "1.1.1.9";
// In Australia by the operator's word, so without a city: in the private host's netblock, on the
// research network, neither.
inline constexpr const char* kPrivateNetwork = "10.1.0.1";
inline constexpr const char* kResearchNetwork = "10.2.0.1";
inline constexpr const char* kAustralia = "10.9.0.1";

class HostileWorld {
 public:
  HostileWorld();
  HostileWorld(const HostileWorld&) = delete;
  HostileWorld& operator=(const HostileWorld&) = delete;

  // A request's answer as mirrorlist_client would send it. Throws base::Error when
  // mirrorlist_server's answer may not be passed on.
  http::Answer ask(std::string_view target, std::string_view client = kSydney,
                   const std::vector<std::string_view>& accept = {}) const;

  const proto::Snapshot& snapshot() const { return snapshot_; }
  const snapshot::Image& image() const { return image_; }
  // What the snapshot says of a file; null when nothing.
  const proto::File* file(std::string_view directory, std::string_view name) const;

 private:
  proto::Snapshot snapshot_;
  std::vector<std::byte> block_;
  snapshot::Image image_;
  geo::GeoDatabase geo_;
  http::Routes routes_;
  selection::Policy policy_;
};

}  // namespace mirrorway::tests
