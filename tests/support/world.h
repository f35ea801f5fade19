// Selection in few words: a network to select from, who asks, what for, and the result as text.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/selection/select.h"
#include "common/snapshot/image.h"
#include "tests/support/network.h"

namespace mirrorway::tests {

inline constexpr std::chrono::system_clock::time_point kNow{std::chrono::seconds(1'700'000'000)};

// Hosts on three continents, one of each special kind. All carry pub/linux/os; pub/linux/partial
// is on de1 and jp1.
Network varied_network();

// A network and its image. Refuses a snapshot that does not validate.
class World {
 public:
  World() : World(varied_network()) {}
  explicit World(const Network& network) : World(network.snapshot()) {}
  explicit World(const proto::Snapshot& snapshot);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const snapshot::Image& image() const { return image_; }
  std::string name(snapshot::HostIndex host) const;

  // The names in the order of the answer: "us1 de2 fr1".
  std::string order(const selection::Selection& selection) const;
  // Those of one tier in the order of the alphabet, for inside it the hash decides:
  // "de1 de2 | fr1".
  std::string tiers(const selection::Selection& selection) const;
  // The same with the distance bands of a tier apart: "de1 / de2 | fr1". Hosts without a band are
  // with those up to 2,500 km away.
  std::string bands(const selection::Selection& selection) const;

 private:
  std::vector<std::byte> block_;
  snapshot::Image image_;
};

// Country and continent as they are in the world; no country for "".
selection::Client client(std::string_view address, std::string_view country = {},
                         std::optional<std::uint32_t> asn = {});
selection::Client client_at(std::string_view country, double latitude, double longitude);

// Whoever carries this directory over https, http or ftp.
selection::Query everything(const snapshot::Image& image, std::string_view path = "pub/linux/os");

std::vector<net::CountryCode> countries(std::initializer_list<const char*> codes);

void set_position(proto::Host& host, double latitude, double longitude);
void add_research_network(proto::Snapshot& snapshot, std::string_view cidr);

}  // namespace mirrorway::tests
