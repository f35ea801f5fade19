// Questions that a snapshot must answer well before it is published: [[probe]] in the
// configuration.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "common/base/options.h"
#include "common/net/address.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::cache_builder {

struct Probe {
  std::string name;  // empty: it has none
  // Either repository and architecture, or path.
  std::string repository;
  std::string architecture;
  std::string path;
  std::string address;            // as the file spells it
  net::Address client;            // the same, taken out of tunnels
  std::uint32_t min_mirrors = 1;  // for whom an answer has at least so many
};

struct ProbeSettings {
  std::deque<Probe> probes;        // references to the elements stay good while it grows
  std::vector<std::string> geoip;  // see geo::declare_geoip
};

// Declares [[probe]] and geoip. `settings` outlives options.parse.
void declare_probes(base::Options& options, ProbeSettings& settings);

// Asks everything of a snapshot that has passed validate(). Returns what is wrong, each as a
// clause: "probe \"Berlin\" (repository os-9 x86_64, 192.0.2.1) gets 1 of 3 mirrors". That the
// geolocation files cannot be read is wrong, too. Does not throw for what is in the files.
std::vector<std::string> find_failing_probes(const ProbeSettings& settings,
                                             const proto::Snapshot& snapshot);

}  // namespace mirrorway::cache_builder
