// Why a host is not in the answer.

#include <catch2/catch.hpp>

#include "common/selection/select.h"
#include "tests/support/world.h"

using namespace mirrorway;
using selection::Client;
using selection::Drop;
using selection::Policy;
using tests::client;
using tests::countries;
using tests::everything;
using tests::kNow;
using tests::World;

namespace {

// A host for every fate of a client from 192.0.2.1 in Germany; "odd" carries another category.
proto::Snapshot world() {
  tests::Network network;
  network.add_host("de1", "DE");
  network.add_host("fr1", "FR");
  network.add_host("us1", "US");
  network.add_host("master", "DE").set_is_last_resort(true);
  network.add_host("swiss", "DE").add_allowed_countries("CH");
  auto& rsync = network.add_host("rsync", "DE");
  rsync.mutable_carriages(0)->clear_urls();
  rsync.mutable_carriages(0)->add_urls("rsync://rsync/linux");
  auto& closed = network.add_host("closed", "DE");
  closed.set_is_private(true);
  closed.add_client_asns(64500);
  auto& lab = network.add_host("lab", "DE");
  lab.set_is_private(true);
  lab.set_is_research(true);
  lab.set_serves_research(true);
  auto& near = network.add_host("near", "DE");
  tests::add_netblock(near, "192.0.2.0/24");
  auto& office = network.add_host("office", "DE");
  office.set_is_monopoly(true);
  tests::add_netblock(office, "192.0.2.64/26");
  network.set_partial({0, 1, 9});
  auto snapshot = network.snapshot();
  tests::add_research_network(snapshot, "192.0.2.128/25");

  auto& category = *snapshot.add_categories();
  category.set_name("other");
  category.set_top_directory("pub/other");
  auto& odd = *snapshot.add_hosts();
  odd.set_id(1000);
  odd.set_name("odd");
  odd.set_site("odd");
  odd.set_country("DE");
  odd.set_bandwidth_mbps(1);
  auto& carriage = *odd.add_carriages();
  carriage.set_category(1);
  carriage.add_urls("https://odd/other");
  return snapshot;
}

Drop drop_of(const World& w, const selection::Selection& result, std::string_view name) {
  for (const auto& dropped : result.dropped)
    if (w.name(dropped.host) == name) return dropped.reason;
  FAIL(name << " is not dropped");
  return {};
}

}  // namespace

TEST_CASE("every drop has its reason") {
  struct Row {
    const char* rule;
    const char* host;
    Drop reason;
    Client client;
    const char* path;
    const char* country;  // asked for
    Policy policy;
  };
  const auto de = client("10.0.0.1", "DE");
  const char* const os = "pub/linux/os";
  const World w(world());
  const auto row = GENERATE_COPY(values<Row>({
      {"carries another category only", "odd", Drop::kOtherCategory, de, os, "", {}},
      {"carries the category, but not this directory",
       "us1",
       Drop::kNotUpToDate,
       de,
       "pub/linux/partial",
       "",
       {}},
      {"what it lacks comes before what it may",
       "swiss",
       Drop::kNotUpToDate,
       de,
       "pub/linux/partial",
       "",
       {}},
      {"has no URL in a scheme asked for", "rsync", Drop::kNoScheme, de, os, "", {}},
      {"serves other countries only", "swiss", Drop::kCountryNotAllowed, de, os, "", {}},
      {"serves certain countries, and the client's is not known",
       "swiss",
       Drop::kCountryNotAllowed,
       client("10.0.0.1"),
       os,
       "",
       {}},
      {"another host has the monopoly",
       "de1",
       Drop::kMonopoly,
       client("192.0.2.65", "DE"),
       os,
       "",
       {}},
      {"even one in the client's netblock",
       "near",
       Drop::kMonopoly,
       client("192.0.2.65", "DE"),
       os,
       "",
       {}},
      {"a private one as well",
       "closed",
       Drop::kMonopoly,
       client("192.0.2.65", "DE", 64500),
       os,
       "",
       {}},
      {"private, for another network", "closed", Drop::kPrivate, de, os, "", {}},
      {"private, and the client is not on a research network",
       "lab",
       Drop::kPrivate,
       de,
       os,
       "",
       {}},
      {"private, and country= leaves its network out",
       "closed",
       Drop::kPrivate,
       client("10.0.0.1", "DE", 64500),
       os,
       "DE",
       {}},
      {"private in the client's ASN, but the netblock was enough", "closed", Drop::kNotNeeded,
       client("192.0.2.1", "DE", 64500), os, "", Policy{1}},
      {"private on the client's research network, but the netblock was enough", "lab",
       Drop::kNotNeeded, client("192.0.2.129", "DE"), os, "", Policy{1}},
      {"elsewhere than country= asks for", "us1", Drop::kOtherCountry, de, os, "FR", {}},
      {"elsewhere than the continent that answers country=",
       "us1",
       Drop::kOtherCountry,
       de,
       os,
       "PL",
       {}},
      {"elsewhere, and last resort beside", "master", Drop::kOtherCountry, de, os, "FR", {}},
      {"last resort where country= asks for, and others are enough", "master", Drop::kLastResort,
       de, os, "DE", Policy{1}},
      {"country= given up, it is no reason", "us1", Drop::kNotNeeded, de, os, "ZA", Policy{1}},
      {"last resort, and others are enough", "master", Drop::kLastResort, de, os, "", Policy{1}},
      {"nearer ones are enough", "us1", Drop::kNotNeeded, de, os, "", Policy{1}},
      {"behind the last place", "fr1", Drop::kPastMaximum, client("192.0.2.1", "DE"), os, "",
       Policy{4, 3}},
      {"behind the last place in the world", "us1", Drop::kPastMaximum, client("192.0.2.1", "DE"),
       os, "", Policy{10, 3}},
  }));
  CAPTURE(row.rule);
  auto query = everything(w.image(), row.path);
  query.explains = true;
  if (*row.country != '\0') query.countries = countries({row.country});
  const auto result = select(w.image(), query, row.client, row.policy, kNow);
  CHECK(drop_of(w, result, row.host) == row.reason);
}

TEST_CASE("every host is either kept or dropped, once") {
  const World w(world());
  for (const char* path : {"pub/linux/os", "pub/linux/partial"}) {
    for (const char* asked_for : {"", "DE", "PL", "ZA"}) {
      for (const char* address : {"10.0.0.1", "192.0.2.1", "192.0.2.65", "192.0.2.129"}) {
        for (const char* country : {"DE", "CH", "US", ""}) {
          for (const auto& policy : {Policy{}, Policy{1}, Policy{3, 2}, Policy{1, 1}}) {
            auto query = everything(w.image(), path);
            query.explains = true;
            if (*asked_for != '\0') query.countries = countries({asked_for});
            const auto who = client(address, country, 64500);
            const auto result = select(w.image(), query, who, policy, kNow);
            std::vector<int> seen(w.image().hosts().size());
            for (const auto& ranked : result.hosts) ++seen[ranked.host];
            for (const auto& dropped : result.dropped) ++seen[dropped.host];
            REQUIRE(seen == std::vector<int>(seen.size(), 1));
            REQUIRE(std::is_sorted(result.dropped.begin(), result.dropped.end(),
                                   [](const auto& a, const auto& b) { return a.host < b.host; }));

            // To explain changes nothing else.
            query.explains = false;
            const auto plain = select(w.image(), query, who, policy, kNow);
            REQUIRE(plain.dropped.empty());
            REQUIRE(w.order(plain) == w.order(result));
          }
        }
      }
    }
  }
}
