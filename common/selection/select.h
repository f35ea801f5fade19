// From a directory and a client to one ranked list of hosts; the rules are those of the
// redirector's contract (tiers, eligibility, order), the way is in DESIGN.md.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/net/address.h"
#include "common/net/country.h"
#include "common/net/url.h"
#include "common/snapshot/image.h"

namespace mirrorway::selection {

enum class Tier : std::uint8_t { kNetblock, kAsn, kCountry, kContinent, kGlobal };

struct Policy {
  std::uint32_t min_mirrors = 10;  // tiers are added until there are as many
  std::uint32_t max_mirrors = 40;  // at least 1
  std::chrono::milliseconds rotation = std::chrono::hours(24);
};

// Who asks. The address is unwrapped (net::Address::unwrapped).
struct Client {
  net::Address address;
  std::optional<net::CountryCode> country;
  std::optional<net::Continent> continent;
  std::optional<std::uint32_t> asn;
};

// What is asked for.
struct Query {
  snapshot::DirectoryIndex directory = 0;
  // Only these countries, or everywhere at all (`country=global`); neither: where the client is.
  std::vector<net::CountryCode> countries;
  bool is_everywhere = false;
  bool skips_networks = false;  // leave the netblock and ASN tiers out
  // By net::Scheme: a host needs a URL in one of them.
  std::array<bool, net::kSchemes.size()> schemes{true, true, true, false};
};

struct RankedHost {
  snapshot::HostIndex host;
  Tier tier;
};

struct Selection {
  std::vector<RankedHost> hosts;  // best first, no host twice

  // What the comment line of a mirrorlist tells, in this order.
  bool used_netblocks = false;
  std::optional<std::uint32_t> used_asn;
  // The countries of `country=` had no mirror, and neither had their continents.
  bool had_no_mirror_there = false;
  std::vector<net::CountryCode>
      countries;  // those that gave hosts: the client's first, then by code
  bool used_global = false;
};

// `now` decides the rotation period only.
Selection select(const snapshot::Image& image, const Query& query, const Client& client,
                 const Policy& policy, std::chrono::system_clock::time_point now);

}  // namespace mirrorway::selection
