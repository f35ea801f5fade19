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
#include "common/net/sphere.h"
#include "common/net/url.h"
#include "common/snapshot/image.h"

namespace mirrorway::selection {

enum class Tier : std::uint8_t { kNetblock, kAsn, kResearch, kCountry, kContinent, kGlobal };

enum class Order : std::uint8_t {
  kDistance,  // country and continent tiers by distance bands, where both sides' cities are known
  kWeight,    // by weight alone
};

struct Policy {
  std::uint32_t min_mirrors = 10;  // tiers are added until there are as many
  std::uint32_t max_mirrors = 40;  // at least 1
  std::chrono::milliseconds rotation = std::chrono::hours(24);
  Order order = Order::kDistance;
  // MirrorManager's way: every tier up to the continent is in the answer, however many mirrors
  // there are already; only the world waits for min_mirrors.
  bool always_adds_continent = false;
};

// Who asks. The address is unwrapped (net::Address::unwrapped).
struct Client {
  net::Address address;
  std::optional<net::CountryCode> country;
  std::optional<net::Continent> continent;
  std::optional<std::uint32_t> asn;
  std::optional<net::Point> position;  // of its city; a country's middle is none
};

// What is asked for.
struct Query {
  // A host carries all of them: one, or those of a repository's architectures. Of one category; not
  // empty.
  std::vector<snapshot::DirectoryIndex> directories;
  // Only these countries, or everywhere at all (`country=global`); neither: where the client is.
  std::vector<net::CountryCode> countries;
  bool is_everywhere = false;
  bool skips_networks = false;  // leave the netblock and ASN tiers out
  // By net::Scheme: a host needs a URL in one of them.
  std::array<bool, net::kSchemes.size()> schemes{true, true, true, false};
  bool explains = false;  // say of every other host why it was dropped
};

// How far host and client are apart.
enum class Band : std::uint8_t { k500Km, k1000Km, k2500Km, kBeyond };

struct RankedHost {
  snapshot::HostIndex host;
  Tier tier;
  std::uint8_t prefix_length = 0;  // of the netblock around the client, in the netblock tier
  std::optional<Band> band = {};   // where bands order the tier and the host's position is known
};

enum class Drop : std::uint8_t {
  kOtherCategory,      // has no URL for the category
  kNotUpToDate,        // carries the category, but not this directory in its current state
  kNoScheme,           // has no URL in a scheme asked for
  kCountryNotAllowed,  // serves certain countries only
  kMonopoly,           // another host is the only one for this client's network
  kPrivate,            // for clients of its networks only
  kOtherCountry,       // not where country= asks for
  kLastResort,         // there are enough without it
  kNotNeeded,          // nearer tiers gave enough
  kPastMaximum,        // in a tier that was used, but behind the last place of the answer
};

struct DroppedHost {
  snapshot::HostIndex host;
  Drop reason;
};

struct Selection {
  std::vector<RankedHost> hosts;     // best first, no host twice
  std::vector<DroppedHost> dropped;  // when asked for: all others of the image, by index

  // What the comment line of a mirrorlist tells, in this order.
  bool used_netblocks = false;
  std::optional<std::uint32_t> used_asn;
  bool used_research = false;
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
