#include "common/snapshot/image.h"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

#include "common/snapshot/netblock.h"
#include "tests/support/network.h"

using namespace mirrorway;
using snapshot::Image;

namespace {

using Hit = std::pair<unsigned, snapshot::HostIndex>;

std::vector<Hit> hits(const Image& image, const net::Address& address) {
  std::vector<Hit> result;
  image.for_each_netblock_host(address, [&](unsigned length, snapshot::HostIndex host) {
    result.emplace_back(length, host);
  });
  return result;
}

}  // namespace

TEST_CASE("directories, repositories and redirects are found, and nothing else") {
  tests::Network network;
  network.add_host("a.example", "DE");
  network.add_redirect("old", "os");
  network.add_redirect("older", "old");
  const auto block = network.block();
  const Image image(block);
  REQUIRE(image.find_directory("pub/linux/os").has_value());
  CHECK(image.subpath(image.directories()[*image.find_directory("pub/linux/os")]) == "os");
  CHECK_FALSE(image.find_directory("pub/linux").has_value());
  CHECK_FALSE(image.find_directory("").has_value());
  REQUIRE(image.find_repository("os", "x86_64") != nullptr);
  CHECK(image.find_repository("os", "aarch64") == nullptr);
  CHECK(image.find_repository("o", "x86_64") == nullptr);
  CHECK(image.follow_redirects("older") == "os");
  CHECK(image.follow_redirects("os") == "os");
  CHECK(image.catalog_time() == 1'700'000'000);
}

TEST_CASE("an image without anything in it answers that there is nothing") {
  const auto block = Image::build(proto::Snapshot());
  const Image image(block);
  CHECK(image.hosts().empty());
  CHECK_FALSE(image.find_directory("x").has_value());
  CHECK(image.find_repository("x", "y") == nullptr);
  CHECK(hits(image, tests::address("192.0.2.1")).empty());
  CHECK(image.hosts_of_asn(1).empty());
  CHECK_FALSE(image.netblock_country(tests::address("::1")).has_value());
}

TEST_CASE("countries of netblocks are found by the longest prefix") {
  tests::Network network;
  auto snapshot = network.snapshot();
  const std::vector<std::pair<const char*, const char*>> entries{
      {"10.0.0.0/8", "DE"}, {"10.1.0.0/16", "FR"}, {"10.1.2.0/24", "NL"}, {"2001:db8::/32", "JP"}};
  for (const auto& [cidr, country] : entries) {
    auto& entry = *snapshot.add_netblock_countries();
    *entry.mutable_netblock() = snapshot::to_proto(*net::Prefix::parse(cidr));
    entry.set_country(country);
  }
  const auto block = Image::build(snapshot);
  const Image image(block);
  const auto country = [&](const char* address) {
    const auto found = image.netblock_country(tests::address(address));
    return found ? std::string(found->text()) : "none";
  };
  CHECK(country("10.9.9.9") == "DE");
  CHECK(country("10.1.9.9") == "FR");
  CHECK(country("10.1.2.9") == "NL");
  CHECK(country("10.1.3.0") == "FR");
  CHECK(country("11.0.0.0") == "none");
  CHECK(country("9.255.255.255") == "none");
  CHECK(country("2001:db8::1") == "JP");
  CHECK(country("2001:db9::1") == "none");
}

TEST_CASE("netblock hosts are those that a plain scan finds, longest first") {
  std::minstd_rand engine(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): every run the same
  const auto random = [&engine] { return static_cast<unsigned>(engine()); };
  tests::Network network;
  std::vector<std::vector<net::Prefix>> netblocks;
  for (unsigned host = 0; host < 300; ++host) {
    auto& added = network.add_host(fmt::format("h{}.example", host), "DE");
    std::vector<net::Prefix> own;
    for (unsigned i = 0; i < 3; ++i) {
      // Few high bits, so that prefixes lie inside each other.
      const bool is_ipv4 = random() % 2 == 0;
      const unsigned length = is_ipv4 ? random() % 17 : random() % 40;
      std::string bytes(is_ipv4 ? 4 : 16, '\0');
      for (unsigned b = 0; b < 4; ++b) bytes[b] = static_cast<char>(random() % 4 << 6);
      own.push_back(*net::Prefix::make(net::Address::from_bytes(bytes)->masked(length), length));
    }
    std::sort(own.begin(), own.end());
    own.erase(std::unique(own.begin(), own.end()), own.end());
    for (const net::Prefix& prefix : own) tests::add_netblock(added, prefix.text());
    netblocks.push_back(own);
  }
  const auto block = network.block();
  const Image image(block);
  for (unsigned n = 0; n < 3000; ++n) {
    std::string bytes(random() % 2 == 0 ? 4 : 16, '\0');
    for (unsigned b = 0; b < 4; ++b) bytes[b] = static_cast<char>(random() % 4 << 6);
    const auto address = *net::Address::from_bytes(bytes);
    std::vector<Hit> expected;
    for (unsigned host = 0; host < netblocks.size(); ++host)
      for (const net::Prefix& prefix : netblocks[host])
        if (prefix.contains(address)) expected.emplace_back(prefix.length(), host);
    std::stable_sort(expected.begin(), expected.end(),
                     [](const Hit& a, const Hit& b) { return a.first > b.first; });
    REQUIRE(hits(image, address) == expected);
  }
}

TEST_CASE("URLs are kept per host and category, schemes as sets") {
  tests::Network network;
  network.add_host("a.example", "DE");
  network.add_host("b.example", "DE").clear_carriages();
  auto snapshot = network.snapshot();
  snapshot.set_host_sets(1, "\x01");
  const auto block = Image::build(snapshot);
  const Image image(block);
  REQUIRE(image.urls(0, 0).size() == 2);
  CHECK(image.text(image.urls(0, 0)[0].text) == "https://a.example/linux");
  CHECK(image.urls(1, 0).empty());
  CHECK(snapshot::count_hosts(image.with_scheme(0, net::Scheme::kHttps)) == 1);
  CHECK(snapshot::count_hosts(image.with_scheme(0, net::Scheme::kRsync)) == 0);
}
