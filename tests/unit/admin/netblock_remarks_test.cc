#include "admin/netblock_remarks.h"

#include <catch2/catch.hpp>

using namespace mirrorway;
using admin::find_overlaps;
using catalog::Host;
using catalog::HostId;

namespace {

Host host(int id, std::initializer_list<const char*> netblocks) {
  Host made;
  made.id = HostId{id};
  for (const char* const text : netblocks) made.netblocks.push_back(*net::Prefix::parse(text));
  return made;
}

std::vector<std::string> overlaps(const std::vector<Host>& hosts) {
  std::vector<std::string> texts;
  for (const admin::Overlap& overlap : find_overlaps(hosts))
    texts.push_back(fmt::format("{} of {} in {} of {}", overlap.inner.text(),
                                static_cast<int>(overlap.inner_host), overlap.outer.text(),
                                static_cast<int>(overlap.outer_host)));
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
