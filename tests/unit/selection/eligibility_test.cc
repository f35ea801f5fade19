// Who may serve a directory at all: carriers, schemes, allowed countries.

#include <catch2/catch.hpp>

#include "common/base/text.h"
#include "common/selection/select.h"
#include "tests/support/world.h"

using namespace mirrorway;
using selection::Policy;
using tests::client;
using tests::countries;
using tests::everything;
using tests::kNow;
using tests::World;

namespace {

// Two hosts for every tier of a client in Germany at 192.0.2.1, AS64500, on a research network: one
// that serves Germany alone ("…-de"), one that serves Switzerland alone ("…-ch"). And "free".
proto::Snapshot restricted_world() {
  struct Place {
    const char* tier;
    const char* country;
  };
  tests::Network network;
  for (const auto& [tier, country] : {Place{"netblock", "US"},
                                      {"asn", "US"},
                                      {"research", "DE"},
                                      {"home", "DE"},
                                      {"around", "FR"},
                                      {"far", "JP"}}) {
    for (const char* allowed : {"CH", "DE"}) {
      auto& host =
          network.add_host(fmt::format("{}-{}", tier, base::lower_ascii(allowed)), country);
      host.add_allowed_countries(allowed);
      const std::string_view kind = tier;
      if (kind == "netblock") tests::add_netblock(host, "192.0.2.0/24");
      if (kind == "asn") host.add_client_asns(64500);
      if (kind == "research") host.set_is_research(true);
    }
  }
  network.add_host("free", "JP");
  auto snapshot = network.snapshot();
  tests::add_research_network(snapshot, "192.0.2.0/24");
  return snapshot;
}

}  // namespace

TEST_CASE("allowed countries hold in every tier") {
  struct Row {
    const char* rule;
    const char* country;
    std::vector<net::CountryCode> asked_for;
    bool is_everywhere;
    const char* expected;
  };
  const World w(restricted_world());
  const auto row = GENERATE(values<Row>({
      {"all six tiers, for one who is allowed",
       "DE",
       {},
       false,
       "netblock-de | asn-de | research-de | home-de | around-de | far-de free"},
      {"all tiers, for one whom other hosts allow",
       "CH",
       {},
       false,
       "netblock-ch | asn-ch | around-ch home-ch research-ch | far-ch free"},
      {"for one whom none allows", "FR", {}, false, "free"},
      {"for one whose country nobody knows", "", {}, false, "free"},
      {"it is the client's country that counts, not the one asked for", "DE", countries({"JP"}),
       false, "far-de free"},
      {"the continent of the countries asked for", "CH", countries({"PL"}), false,
       "around-ch home-ch research-ch"},
      {"everywhere",
       "CH",
       {},
       true,
       "around-ch asn-ch far-ch free home-ch netblock-ch research-ch"},
  }));
  CAPTURE(row.rule);
  auto query = everything(w.image());
  query.countries = row.asked_for;
  query.is_everywhere = row.is_everywhere;
  const auto who = client("192.0.2.1", row.country, 64500);
  CHECK(w.tiers(select(w.image(), query, who, Policy{100, 100}, kNow)) == row.expected);
}

TEST_CASE("one of several allowed countries is enough, and last resort is no exception") {
  tests::Network network;
  auto& alpine = network.add_host("alpine", "CH");
  alpine.add_allowed_countries("AT");
  alpine.add_allowed_countries("CH");
  auto& master = network.add_host("master", "US");
  master.set_is_last_resort(true);
  master.add_allowed_countries("US");
  const World w(network);
  const auto ask = [&](const char* country) {
    return w.tiers(select(w.image(), everything(w.image()), client("10.0.0.1", country), {}, kNow));
  };
  CHECK(ask("AT") == "alpine");
  CHECK(ask("CH") == "alpine");
  CHECK(ask("US") == "master");
  CHECK(ask("DE").empty());
}

TEST_CASE("only hosts that carry the directory in a wanted scheme are eligible") {
  auto network = tests::varied_network();
  auto& rsync_only = network.add_host("rsync-only", "DE");
  rsync_only.mutable_carriages(0)->clear_urls();
  rsync_only.mutable_carriages(0)->add_urls("rsync://rsync-only/linux");
  auto& old_style = network.add_host("old-style", "FR");
  old_style.mutable_carriages(0)->clear_urls();
  old_style.mutable_carriages(0)->add_urls("ftp://old-style/linux");
  const World w(network);
  struct Row {
    const char* rule;
    const char* path;
    std::array<bool, net::kSchemes.size()> schemes;  // https, http, ftp, rsync
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({
      {"the carriers of another directory do not count",
       "pub/linux/partial",
       {true, true, true, false},
       "de1 | jp1"},
      {"rsync alone", "pub/linux/os", {false, false, false, true}, "rsync-only"},
      {"ftp or rsync", "pub/linux/os", {false, false, true, true}, "rsync-only | old-style"},
      {"a carrier without the scheme", "pub/linux/partial", {false, false, true, true}, ""},
      {"no scheme, no host", "pub/linux/os", {false, false, false, false}, ""},
  }));
  CAPTURE(row.rule);
  auto query = everything(w.image(), row.path);
  query.schemes = row.schemes;
  CHECK(w.tiers(select(w.image(), query, client("10.0.0.1", "DE"), {}, kNow)) == row.expected);
}

TEST_CASE("of several directories a host must carry every one") {
  auto snapshot = tests::varied_network().snapshot();
  // de1 and jp1 carry "partial", us1 and jp1 "repodata".
  snapshot.add_host_sets(std::string(1, static_cast<char>(1U << 3U | 1U << 4U)));
  std::vector<std::string> sets(snapshot.host_sets().begin(), snapshot.host_sets().end());
  std::vector<std::string> sorted = sets;
  std::sort(sorted.begin(), sorted.end());
  const auto place = [&](const std::string& set) {
    return static_cast<std::uint32_t>(std::find(sorted.begin(), sorted.end(), set) -
                                      sorted.begin());
  };
  for (auto& directory : *snapshot.mutable_directories())
    directory.set_host_set(place(
        directory.path() == "pub/linux/os/repodata" ? sets.back() : sets[directory.host_set()]));
  for (int i = 0; i < snapshot.host_sets_size(); ++i)
    snapshot.set_host_sets(i, sorted[static_cast<std::size_t>(i)]);

  const World w(snapshot);
  const auto os = everything(w.image()).directories.front();
  const auto repodata = everything(w.image(), "pub/linux/os/repodata").directories.front();
  const auto partial = everything(w.image(), "pub/linux/partial").directories.front();
  const auto ask = [&](std::vector<snapshot::DirectoryIndex> directories) {
    selection::Query query;
    query.directories = std::move(directories);
    return w.tiers(select(w.image(), query, client("10.0.0.1", "JP"), {}, kNow));
  };
  CHECK(ask({repodata}) == "jp1 | us1");
  CHECK(ask({partial}) == "jp1 | de1");
  CHECK(ask({os, partial}) == "jp1 | de1");
  CHECK(ask({partial, os}) == "jp1 | de1");
  CHECK(ask({partial, repodata}) == "jp1");
  CHECK(ask({os, partial, repodata}) == "jp1");
}
