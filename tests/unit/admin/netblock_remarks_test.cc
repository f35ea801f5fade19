#include "admin/netblock_remarks.h"

#include <catch2/catch.hpp>

using namespace mirrorway;
using admin::Claim;
using admin::find_overlaps;
using catalog::CloudRange;
using catalog::Host;
using catalog::HostId;

namespace {

Host host(int id, std::initializer_list<const char*> netblocks) {
  Host made;
  made.id = HostId{id};
  for (const char* const text : netblocks) made.netblocks.push_back(*net::Prefix::parse(text));
  return made;
}

std::vector<std::string> overlaps(const std::vector<Host>& hosts,
                                  const std::vector<CloudRange>& ranges = {}) {
  const auto describe = [](const Claim& claim) {
    return fmt::format("{} of {}{}", claim.netblock.text(), static_cast<int>(claim.host),
                       claim.is_of_cloud ? "'s cloud" : "");
  };
  std::vector<std::string> texts;
  for (const admin::Overlap& overlap : find_overlaps(hosts, ranges))
    texts.push_back(fmt::format("{} in {}", describe(overlap.inner), describe(overlap.outer)));
  return texts;
}

}  // namespace

TEST_CASE("netblocks of different hosts that overlap are found, a host's own are not") {
  using Texts = std::vector<std::string>;
  CHECK(overlaps({}).empty());
  CHECK(overlaps({host(1, {"11.0.0.0/16", "11.0.1.0/24"}), host(2, {"11.1.0.0/16"})}).empty());
  CHECK(overlaps({host(1, {"11.0.0.0/16"}), host(2, {"11.0.1.0/24"})}) ==
        Texts{"11.0.1.0/24 of 2 in 11.0.0.0/16 of 1"});
  CHECK(overlaps({host(1, {"11.0.0.0/16"}), host(2, {"11.0.0.0/16"})}) ==
        Texts{"11.0.0.0/16 of 2 in 11.0.0.0/16 of 1"});
  CHECK(overlaps({host(1, {"11.0.0.0/16"}), host(2, {"11.0.1.0/24", "2600::/32"}),
                  host(3, {"11.0.1.128/25", "11.1.0.0/16", "2600::/48"})}) ==
        Texts{"11.0.1.0/24 of 2 in 11.0.0.0/16 of 1", "11.0.1.128/25 of 3 in 11.0.0.0/16 of 1",
              "11.0.1.128/25 of 3 in 11.0.1.0/24 of 2", "2600::/48 of 3 in 2600::/32 of 2"});
}

TEST_CASE("a cloud's ranges are netblocks of the hosts in it, which share them") {
  using Texts = std::vector<std::string>;
  const std::vector<CloudRange> ranges{{{"gcp", "a"}, *net::Prefix::parse("11.0.0.0/16")},
                                       {{"gcp", "b"}, *net::Prefix::parse("11.1.0.0/16")}};
  Host first = host(1, {});
  first.clouds = {{"gcp", "a"}};
  Host second = host(2, {"11.0.7.0/24"});  // its own, in its own cloud
  second.clouds = {{"gcp", "all"}};
  CHECK(overlaps({first, second}, ranges) == Texts{"11.0.7.0/24 of 2 in 11.0.0.0/16 of 1's cloud"});
  first.clouds.push_back({"gcp", "all"});
  CHECK(overlaps({first, host(3, {"11.0.0.0/15"})}, ranges) ==
        Texts{"11.0.0.0/16 of 1's cloud in 11.0.0.0/15 of 3",
              "11.1.0.0/16 of 1's cloud in 11.0.0.0/15 of 3"});
  first.clouds.pop_back();
  CHECK(overlaps({first, host(3, {"11.0.0.0/8"})}, ranges) ==
        Texts{"11.0.0.0/16 of 1's cloud in 11.0.0.0/8 of 3"});
  CHECK(overlaps({first, host(3, {"11.1.0.0/24"})}, ranges).empty());
}
