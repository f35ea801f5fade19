// What holds for every network and client.

#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "common/selection/select.h"
#include "common/snapshot/file.h"
#include "tests/support/random_network.h"
#include "tests/support/snapshot_file.h"
#include "tests/support/world.h"

using namespace mirrorway;
using selection::Client;
using selection::Policy;
using selection::Tier;
using tests::chance;
using tests::client;
using tests::everything;
using tests::kNow;
using tests::Random;
using tests::World;

namespace {

// The n-th of many /24s.
Client nth_client(unsigned n, std::string_view country = "DE") {
  return client(fmt::format("{}.{}.{}.1", 20 + n / 65536, n / 256 % 256, n % 256), country);
}

using Names = std::vector<std::string>;

Names names(const World& w, const selection::Selection& selection) {
  Names result;
  for (const auto& ranked : selection.hosts) result.push_back(w.name(ranked.host));
  return result;
}

Names without(Names all, const std::string& name) {
  all.erase(std::remove(all.begin(), all.end(), name), all.end());
  return all;
}

Policy whole_list() {
  return Policy{1000, 1000};
}

// The tiers of an answer as World::tiers() has them, by the rules themselves: straight from the
// snapshot, host by host, with none of the image's tables.
class Oracle {
 public:
  Oracle(const proto::Snapshot& snapshot, const Client& client, std::uint32_t min_mirrors)
      : snapshot_(snapshot), client_(client), min_mirrors_(min_mirrors) {}

  std::string tiers() {
    if (auto monopoly = monopoly_name()) return *monopoly;
    add([&](const proto::Host& host) { return netblock_length(host) >= 0; });
    add([&](const proto::Host& host) { return declares_asn(host); });
    add([&](const proto::Host& host) { return shares_research(host); });
    const auto is_public = [](const proto::Host& host) { return !host.is_private(); };
    const auto in_country = [&](const proto::Host& host) {
      return is_public(host) && client_.country && host.country() == client_.country->text();
    };
    const auto in_continent = [&](const proto::Host& host) {
      return is_public(host) && client_.continent && continent(host) == client_.continent;
    };
    add([&](const proto::Host& host) { return in_country(host) && !host.is_last_resort(); });
    add([&](const proto::Host& host) { return in_continent(host) && !host.is_last_resort(); });
    add(in_continent, kJoins);
    add([&](const proto::Host& host) { return is_public(host) && !host.is_last_resort(); });
    add(is_public, kJoins);
    return result_;
  }

 private:
  static constexpr bool kJoins = true;  // the tier before, if that has hosts

  bool is_eligible(const proto::Host& host) const {
    const auto& allowed = host.allowed_countries();
    return allowed.empty() ||
           (client_.country &&
            std::find(allowed.begin(), allowed.end(), client_.country->text()) != allowed.end());
  }

  // Of the longest netblock around the client; -1 for none.
  int netblock_length(const proto::Host& host) const {
    int longest = -1;
    for (const auto& netblock : host.netblocks()) {
      const auto prefix =
          *net::Prefix::make(*net::Address::from_bytes(netblock.address()), netblock.length());
      if (prefix.contains(client_.address))
        longest = std::max(longest, static_cast<int>(prefix.length()));
    }
    return longest;
  }

  bool declares_asn(const proto::Host& host) const {
    const auto& asns = host.client_asns();
    return client_.asn && std::find(asns.begin(), asns.end(), *client_.asn) != asns.end();
  }

  bool shares_research(const proto::Host& host) const {
    const bool is_on_network = std::any_of(
        snapshot_.research_networks().begin(), snapshot_.research_networks().end(),
        [&](const proto::Netblock& netblock) {
          return net::Prefix::make(*net::Address::from_bytes(netblock.address()), netblock.length())
              ->contains(client_.address);
        });
    return is_on_network && client_.country && host.country() == client_.country->text() &&
           host.is_research() && (!host.is_private() || host.serves_research());
  }

  static std::optional<net::Continent> continent(const proto::Host& host) {
    for (const auto& fact : net::known_countries())
      if (fact.code == host.country()) return fact.continent;
    return std::nullopt;
  }

  // "?" where several of one length could be it.
  std::optional<std::string> monopoly_name() const {
    std::map<int, Names> by_length;
    for (const auto& host : snapshot_.hosts())
      if (host.is_monopoly() && is_eligible(host) && netblock_length(host) >= 0)
        by_length[netblock_length(host)].push_back(host.name());
    if (by_length.empty()) return std::nullopt;
    const Names& longest = by_length.rbegin()->second;
    return longest.size() == 1 ? longest.front() : "?";
  }

  template <typename Belongs>
  void add(const Belongs& belongs, bool joins = false) {
    if (taken_.size() >= min_mirrors_) return;
    std::set<std::string> tier;
    for (const auto& host : snapshot_.hosts())
      if (is_eligible(host) && belongs(host) && taken_.count(host.name()) == 0)
        tier.insert(host.name());
    taken_.insert(tier.begin(), tier.end());
    if (joins) tier.merge(last_);
    if (joins) result_.resize(before_last_);
    before_last_ = result_.size();
    last_ = tier;
    if (tier.empty()) return;
    if (!result_.empty()) result_ += " | ";
    result_ += fmt::format("{}", fmt::join(tier, " "));
  }

  const proto::Snapshot& snapshot_;
  const Client& client_;
  std::size_t min_mirrors_;
  std::set<std::string> taken_;
  std::set<std::string> last_;   // the tier added last
  std::size_t before_last_ = 0;  // the length of `result_` without it
  std::string result_;
};

}  // namespace

TEST_CASE("over 10^5 clients hosts are first by bandwidth, within 3 %, in every tier") {
  struct Row {
    const char* tier;
    void (*place)(proto::Host&);
    bool has_position;
  };
  const auto row = GENERATE(values<Row>({
      {"country", [](proto::Host& host) { host.set_country("DE"); }, false},
      {"country, in a band", [](proto::Host& host) { host.set_country("DE"); }, true},
      {"netblock", [](proto::Host& host) { tests::add_netblock(host, "0.0.0.0/0"); }, false},
      {"global", [](proto::Host& host) { host.set_country("JP"); }, false},
  }));
  CAPTURE(row.tier);
  // One of 10 Gbit/s beside ten of 1 Gbit/s.
  constexpr unsigned kSmall = 10;
  tests::Network network;
  for (unsigned i = 0; i <= kSmall; ++i) {
    auto& host = network.add_host(fmt::format("h{}", i), "", i == 0 ? 10'000 : 1000);
    tests::set_position(host, 50, static_cast<double>(i) / 10);
    row.place(host);
  }
  const World w(network);
  const auto query = everything(w.image());
  constexpr unsigned kClients = 100'000;
  std::vector<double> first(kSmall + 1);
  for (unsigned n = 0; n < kClients; ++n) {
    auto who = nth_client(n);
    if (row.has_position) who.position = net::point_at(50, 0);
    ++first[select(w.image(), query, who, Policy{1, 1}, kNow).hosts.front().host];
  }
  const double small = (kClients - first[0]) / kSmall;
  CHECK(first[0] / small == Approx(10).epsilon(0.03));
  // The share of a single small host is known less sharply: five standard deviations are 7 %.
  for (unsigned i = 1; i <= kSmall; ++i) CHECK(first[i] / kClients == Approx(0.05).epsilon(0.07));
}

TEST_CASE("the tiers are those of the rules, in any network") {
  Random random = tests::seeded(1);
  for (int round = 0; round < 60; ++round) {
    const auto snapshot = tests::random_network(random, 1 + tests::below(random, 70));
    const World w(snapshot);
    for (int n = 0; n < 40; ++n) {
      const auto who = tests::random_client(random);
      const auto min = static_cast<std::uint32_t>(1 + tests::below(random, 30));
      const auto result = select(w.image(), everything(w.image()), who, Policy{min, 1000}, kNow);
      const std::string expected = Oracle(snapshot, who, min).tiers();
      if (expected == "?") continue;
      CAPTURE(round, n, min, who.address.text());
      REQUIRE(w.tiers(result) == expected);
    }
  }
}

TEST_CASE("no host is twice in an answer, and private ones are in the network tiers alone") {
  Random random = tests::seeded(2);
  for (int round = 0; round < 40; ++round) {
    const World w(tests::random_network(random, 1 + tests::below(random, 70)));
    for (int n = 0; n < 100; ++n) {
      auto query =
          everything(w.image(), chance(random, 0.5) ? "pub/linux/os" : "pub/linux/partial");
      query.skips_networks = chance(random, 0.3);
      query.is_everywhere = chance(random, 0.2);
      if (chance(random, 0.3)) query.countries = tests::countries({"DE", "ZA"});
      Policy policy{static_cast<std::uint32_t>(1 + tests::below(random, 20)),
                    static_cast<std::uint32_t>(1 + tests::below(random, 40))};
      policy.always_adds_continent = chance(random, 0.3);
      const auto hosts = select(w.image(), query, tests::random_client(random), policy, kNow).hosts;
      std::set<snapshot::HostIndex> seen;
      for (const auto& ranked : hosts) {
        REQUIRE(seen.insert(ranked.host).second);
        if (w.image().hosts()[ranked.host].is_private) REQUIRE(ranked.tier <= Tier::kResearch);
      }
      REQUIRE(hosts.size() <= policy.max_mirrors);
      REQUIRE(std::is_sorted(hosts.begin(), hosts.end(),
                             [](const auto& a, const auto& b) { return a.tier < b.tier; }));
    }
  }
}

TEST_CASE("a client has one order for every directory that the same hosts carry") {
  Random random = tests::seeded(3);
  for (int round = 0; round < 30; ++round) {
    const World w(tests::random_network(random, 80));
    const auto& partial =
        w.image().directories()[everything(w.image(), "pub/linux/partial").directories.front()];
    for (int n = 0; n < 30; ++n) {
      const auto who = tests::random_client(random);
      const auto all = select(w.image(), everything(w.image()), who, whole_list(), kNow);
      const auto repodata = select(w.image(), everything(w.image(), "pub/linux/os/repodata"), who,
                                   whole_list(), kNow);
      REQUIRE(w.order(repodata) == w.order(all));

      // Where some hosts lack a directory, the others keep their order. (A monopoly may be among
      // those that lack it.)
      const auto some =
          select(w.image(), everything(w.image(), "pub/linux/partial"), who, whole_list(), kNow);
      Names expected;
      for (const auto& ranked : all.hosts)
        if (snapshot::has_host(w.image().carriers(partial), ranked.host))
          expected.push_back(w.name(ranked.host));
      if (!w.image().hosts()[all.hosts.front().host].is_monopoly)
        REQUIRE(names(w, some) == expected);

      // A shorter answer is the beginning of a longer one.
      Policy short_list = whole_list();
      short_list.max_mirrors = 7;
      Names beginning = names(w, all);
      beginning.resize(std::min<std::size_t>(beginning.size(), 7));
      REQUIRE(names(w, select(w.image(), everything(w.image()), who, short_list, kNow)) ==
              beginning);
    }
  }
}

TEST_CASE("the loss of a host moves its own clients only, and nobody else's order") {
  const auto network = [](std::optional<std::size_t> lost) {
    tests::Network result;
    for (std::size_t i = 0; i < 40; ++i) {
      if (i == lost) continue;
      auto& host = result.add_host(fmt::format("h{}", i), i % 3 == 0 ? "FR" : "DE",
                                   static_cast<std::uint32_t>(100 + 250 * i));
      host.set_id(i + 1);  // the others keep theirs
      if (i % 4 != 0) tests::set_position(host, 50, static_cast<double>(i) * 2);
    }
    return result;
  };
  const World before(network({}));
  for (const std::size_t lost : {0U, 7U, 39U}) {
    const std::string name = fmt::format("h{}", lost);
    const World after(network(lost));
    unsigned moved = 0;
    constexpr unsigned kClients = 2000;
    for (unsigned n = 0; n < kClients; ++n) {
      auto who = nth_client(n, n % 2 == 0 ? "DE" : "FR");
      if (n % 4 < 2) who.position = net::point_at(50, 10);
      const auto ask = [&](const World& w) {
        return names(w, select(w.image(), everything(w.image()), who, whole_list(), kNow));
      };
      const Names had = ask(before);
      const Names has = ask(after);
      REQUIRE(has == without(had, name));
      if (had.front() == name) {
        ++moved;
      } else {
        REQUIRE(has.front() == had.front());
      }
    }
    CHECK(moved < kClients / 4);
  }
}

TEST_CASE("every machine with the snapshot has the same order") {
  Random random = tests::seeded(4);
  const auto snapshot = tests::random_network(random, 100);
  const World here(snapshot);
  const World there(snapshot::decode_file(tests::encode_file(snapshot)));
  for (int n = 0; n < 500; ++n) {
    const auto who = tests::random_client(random);
    const auto at = kNow + std::chrono::hours(n);
    REQUIRE(here.order(select(here.image(), everything(here.image()), who, whole_list(), at)) ==
            there.order(select(there.image(), everything(there.image()), who, whole_list(), at)));
  }
}
