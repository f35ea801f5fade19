#include "common/selection/select.h"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "tests/support/network.h"

using namespace mirrorway;
using namespace std::chrono_literals;
using selection::Client;
using selection::Policy;
using selection::Query;
using selection::Selection;
using selection::Tier;

namespace {

constexpr std::chrono::system_clock::time_point kNow{1'700'000'000s};

// Hosts on three continents, one of each special kind.
tests::Network world() {
  tests::Network network;
  network.add_host("de1", "DE");
  network.add_host("de2", "DE");
  network.add_host("fr1", "FR");
  network.add_host("us1", "US");
  network.add_host("jp1", "JP");
  network.add_host("nowhere", "");
  auto& university = network.add_host("university", "DE");
  university.set_is_private(true);
  tests::add_netblock(university, "192.0.2.0/24");
  auto& faculty = network.add_host("faculty", "DE");
  faculty.set_is_private(true);
  tests::add_netblock(faculty, "192.0.2.64/26");
  auto& provider = network.add_host("provider", "FR");
  provider.set_is_private(true);
  provider.add_client_asns(64500);
  auto& office = network.add_host("office", "US");
  office.set_is_private(true);
  office.set_is_monopoly(true);
  tests::add_netblock(office, "198.51.100.0/24");
  auto& master = network.add_host("master", "DE");
  master.set_is_last_resort(true);
  auto& domestic = network.add_host("domestic", "US");
  domestic.add_allowed_countries("US");
  tests::add_netblock(domestic, "203.0.113.0/24");
  network.set_partial({0, 4});
  return network;
}

class World {
 public:
  World() : World(world()) {}
  explicit World(const tests::Network& network) : block_(network.block()), image_(block_) {}

  const snapshot::Image& image() const { return image_; }
  std::string name(snapshot::HostIndex host) const {
    return std::string(image_.text(image_.hosts()[host].name));
  }

  // The names in the order of the answer, those of one tier sorted: "de1 de2 | fr1".
  std::string tiers(const Selection& selection) const {
    std::string result;
    for (std::size_t i = 0; i < selection.hosts.size();) {
      std::set<std::string> names;
      const Tier tier = selection.hosts[i].tier;
      for (; i < selection.hosts.size() && selection.hosts[i].tier == tier; ++i)
        names.insert(name(selection.hosts[i].host));
      result += (result.empty() ? "" : " | ") + fmt::format("{}", fmt::join(names, " "));
    }
    return result;
  }

 private:
  std::vector<std::byte> block_;
  snapshot::Image image_;
};

Client client(const char* address, std::string_view country = {},
              std::optional<std::uint32_t> asn = {}) {
  Client result;
  result.address = tests::address(address);
  result.country = net::CountryCode::parse(country);
  for (const auto& fact : net::known_countries())
    if (fact.code == country) result.continent = fact.continent;
  result.asn = asn;
  return result;
}

Query everything(const snapshot::Image& image, const char* path = "pub/linux/os") {
  Query query;
  query.directories = {*image.find_directory(path)};
  return query;
}

std::vector<net::CountryCode> countries(std::initializer_list<const char*> codes) {
  std::vector<net::CountryCode> result;
  for (const char* code : codes) result.push_back(*net::CountryCode::parse(code));
  return result;
}

}  // namespace

TEST_CASE("tiers come in their order and stop when there are enough") {
  struct Row {
    const char* rule;
    Client client;
    std::uint32_t min_mirrors;
    const char* expected;
  };
  const World w;
  const auto row = GENERATE(values<Row>({
      {"a country that is enough ends it", client("10.0.0.1", "DE"), 2, "de1 de2"},
      {"the continent follows the country", client("10.0.0.1", "DE"), 3, "de1 de2 | fr1"},
      {"last resort ends the continent before the world begins", client("10.0.0.1", "DE"), 4,
       "de1 de2 | fr1 master"},
      {"the world is last", client("10.0.0.1", "DE"), 5, "de1 de2 | fr1 master | jp1 nowhere us1"},
      {"last resort is left out when the continent is enough", client("10.0.0.1", "FR"), 3,
       "fr1 | de1 de2"},
      {"a country without mirrors starts with its continent", client("10.0.0.1", "PL"), 2,
       "de1 de2 fr1"},
      {"an unknown country gets the world", client("10.0.0.1"), 1, "de1 de2 fr1 jp1 nowhere us1"},
      {"a continent without mirrors gets the world", client("10.0.0.1", "ZA"), 1,
       "de1 de2 fr1 jp1 nowhere us1"},
      {"the netblock tier comes first, longest prefix first", client("192.0.2.65", "DE"), 2,
       "faculty university"},
      {"outside the longer prefix only the shorter counts", client("192.0.2.1", "DE"), 1,
       "university"},
      {"too few in the netblock go on with the country", client("192.0.2.1", "DE"), 2,
       "university | de1 de2"},
      {"the ASN tier follows the netblocks", client("10.0.0.1", "FR", 64500), 2, "provider | fr1"},
      {"an ASN that no host declares changes nothing", client("10.0.0.1", "FR", 64501), 1, "fr1"},
      {"a monopoly is the whole answer", client("198.51.100.9", "US"), 10, "office"},
      {"allowed countries let their own in", client("10.0.0.1", "US"), 2, "domestic us1"},
      {"allowed countries hold in the netblock tier, too", client("203.0.113.1", "FR"), 1, "fr1"},
      {"allowed countries keep an unknown client out", client("203.0.113.1"), 1,
       "de1 de2 fr1 jp1 nowhere us1"},
  }));
  CAPTURE(row.rule);
  Policy policy;
  policy.min_mirrors = row.min_mirrors;
  CHECK(w.tiers(select(w.image(), everything(w.image()), row.client, policy, kNow)) ==
        row.expected);
}

TEST_CASE("the longest prefix is first whatever the order inside a tier says") {
  const World w;
  const auto result =
      select(w.image(), everything(w.image()), client("192.0.2.65", "DE"), Policy{2}, kNow);
  CHECK(w.name(result.hosts[0].host) == "faculty");
  CHECK(result.used_netblocks);
}

TEST_CASE("a host of last resort is behind every other of its tier") {
  const World w;
  for (int n = 0; n < 50; ++n) {
    const auto who = client(fmt::format("10.0.{}.1", n).c_str(), "FR");
    const auto hosts = select(w.image(), everything(w.image()), who, Policy{4}, kNow).hosts;
    REQUIRE(hosts.size() == 4);
    CHECK(w.name(hosts.back().host) == "master");
  }
}

TEST_CASE("country= is answered by those countries, else their continents, else as ever") {
  struct Row {
    const char* rule;
    std::vector<net::CountryCode> countries;
    bool is_everywhere;
    const char* address;
    const char* expected;
  };
  // In a monopoly's netblock, to see that country= leaves the network tiers out.
  const char* const office = "198.51.100.9";
  const World w;
  const auto row = GENERATE_COPY(values<Row>({
      {"one country, however few", countries({"JP"}), false, office, "jp1"},
      {"a union of countries", countries({"JP", "FR"}), false, office, "fr1 jp1"},
      {"last resort behind the others of the country", countries({"DE"}), false, office,
       "de1 de2 master"},
      {"none there: the continent", countries({"PL"}), false, office, "de1 de2 fr1 master"},
      {"none on the continent either: the client's own tiers", countries({"ZA"}), false, "10.0.0.1",
       "domestic us1 | de1 de2 fr1 jp1 master nowhere"},
      {"everywhere", {}, true, office, "de1 de2 domestic fr1 jp1 master nowhere us1"},
  }));
  CAPTURE(row.rule);
  Query query = everything(w.image());
  query.countries = row.countries;
  query.is_everywhere = row.is_everywhere;
  const auto result = select(w.image(), query, client(row.address, "US"), Policy{}, kNow);
  CHECK(w.tiers(result) == row.expected);
  CHECK(result.had_no_mirror_there == (row.countries == countries({"ZA"})));
}

TEST_CASE("private hosts are nowhere but in the netblock and ASN tiers") {
  const World w;
  Query query = everything(w.image());
  query.is_everywhere = true;
  for (const auto& ranked : select(w.image(), query, client("192.0.2.65", "DE"), {}, kNow).hosts)
    CHECK_FALSE(w.image().hosts()[ranked.host].is_private);
  query = everything(w.image());
  query.skips_networks = true;
  for (const auto& ranked :
       select(w.image(), query, client("192.0.2.65", "DE", 64500), {}, kNow).hosts)
    CHECK_FALSE(w.image().hosts()[ranked.host].is_private);
}

TEST_CASE("only hosts that carry the directory in a wanted scheme are eligible") {
  auto network = world();
  auto& rsync_only = network.add_host("rsync-only", "DE");
  rsync_only.mutable_carriages(0)->clear_urls();
  rsync_only.mutable_carriages(0)->add_urls("rsync://rsync-only/linux");
  const World w(network);
  const auto who = client("10.0.0.1", "DE");
  CHECK(w.tiers(select(w.image(), everything(w.image(), "pub/linux/partial"), who, {}, kNow)) ==
        "de1 | jp1");
  Query query = everything(w.image());
  query.schemes = {false, false, false, true};
  CHECK(w.tiers(select(w.image(), query, who, {}, kNow)) == "rsync-only");
  query.schemes.fill(false);
  CHECK(select(w.image(), query, who, {}, kNow).hosts.empty());
}

TEST_CASE("one client has one order, whatever else a directory's hosts carry") {
  tests::Network network;
  for (int i = 0; i < 100; ++i)
    network.add_host(fmt::format("h{}", i), "DE", static_cast<std::uint32_t>(100 + i * 50));
  network.set_partial({3, 5, 8, 13, 21, 34, 55, 89});
  const World w(network);
  for (int n = 0; n < 200; ++n) {
    const auto who = client(fmt::format("10.0.{}.1", n).c_str(), "DE");
    const auto all = select(w.image(), everything(w.image()), who, Policy{10, 100}, kNow);
    const auto some =
        select(w.image(), everything(w.image(), "pub/linux/partial"), who, Policy{}, kNow);
    std::vector<snapshot::HostIndex> expected;
    const auto carriers = w.image().carriers(w.image().directories()[2]);
    for (const auto& ranked : all.hosts)
      if (snapshot::has_host(carriers, ranked.host)) expected.push_back(ranked.host);
    std::vector<snapshot::HostIndex> actual;
    for (const auto& ranked : some.hosts) actual.push_back(ranked.host);
    REQUIRE(actual == expected);
    const auto cut = select(w.image(), everything(w.image()), who, Policy{10, 40}, kNow);
    REQUIRE(cut.hosts.size() == 40);
    for (std::size_t i = 0; i < 40; ++i) REQUIRE(cut.hosts[i].host == all.hosts[i].host);
  }
}

TEST_CASE("the notes name what was used, the client's country first") {
  const World w;
  const auto result =
      select(w.image(), everything(w.image()), client("10.0.0.1", "FR", 64500), Policy{6}, kNow);
  CHECK_FALSE(result.used_netblocks);
  CHECK(result.used_asn == 64500);
  CHECK(result.countries == countries({"FR", "DE"}));
  CHECK(result.used_global);
}
