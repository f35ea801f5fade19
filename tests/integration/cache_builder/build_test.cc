#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "cache_builder/assemble.h"
#include "cache_builder/host_sets.h"
#include "cache_builder/inspect.h"
#include "common/base/file.h"
#include "common/catalog/writer.h"
#include "common/snapshot/file.h"
#include "common/snapshot/netblock.h"
#include "tests/support/paths.h"
#include "tests/support/program.h"
#include "tests/support/scratch_catalog.h"
#include "tests/support/snapshot_file.h"

using namespace mirrorway;
using tests::run_program;
using tests::ScratchCatalog;

namespace {

// Hosts 1, 2: ordinary; 3: of an inactive site; 4: inactive; 5: of a private site; 6: without URL.
constexpr const char* kNetwork =
    "INSERT INTO site (id, name, is_active, is_private) VALUES (1,'s',1,0), (2,'off',0,0), "
    "(3,'own',1,1);"
    "INSERT INTO host (id, site_id, name, country, asn, serves_own_asn, latitude, longitude) "
    "VALUES "
    "(1,1,'h1','DE',680,1,50,7), (2,1,'h2','TR',680,0,NULL,NULL), "
    "(3,2,'h3',NULL,NULL,1,NULL,NULL), "
    "(5,3,'h5',NULL,NULL,1,NULL,NULL), (6,1,'h6',NULL,NULL,1,NULL,NULL);"
    "INSERT INTO host (id, site_id, name, is_active) VALUES (4,1,'h4',0);"
    "INSERT INTO host_asn VALUES (1, 3320), (1, 680);"
    "INSERT INTO host_netblock VALUES (5, '9.0.0.0/8'), (5, '10.0.0.0/8');"
    "INSERT INTO category (id, name, top_directory) VALUES (1,'z','z'), (2,'a','a');"
    "INSERT INTO host_category (id, host_id, category_id, is_always_up_to_date) VALUES "
    "(1,1,1,0), (2,2,1,1), (3,3,1,1), (4,4,1,1), (5,5,1,0), (6,6,1,1), (7,1,2,0);"
    "INSERT INTO host_category_url VALUES (1,'http://h1/z'), (1,'rsync://h1/z'), "
    "(1,'https://h1/z'), (2,'http://h2/z'), (3,'http://h3/z'), (4,'http://h4/z'), "
    "(5,'http://h5/z'), (7,'http://h1/a');"
    "INSERT INTO directory (id, path, category_id) VALUES (1,'z/2',1), (2,'z/1',1), (3,'a/1',2);"
    // The row of directory 3 is on a carriage of the other category: it counts for nothing.
    "INSERT INTO host_category_directory VALUES (1,1,1), (1,5,1), (2,1,0), (2,4,1), (3,2,1);"
    "INSERT INTO file_detail (directory_id, name, size, timestamp, md5) VALUES "
    "(1,'repomd.xml',10,100,''), (1,'repomd.xml',11,200,'00112233445566778899aabbccddeeff');"
    "INSERT INTO repository (name, architecture, directory_id, is_disabled) VALUES "
    "('r','y',1,0), ('r','x',2,1);"
    "INSERT INTO repository_redirect VALUES ('q', 'r');"
    "INSERT INTO country_continent_override VALUES ('TR', 'EU');"
    "INSERT INTO netblock_country VALUES ('10.0.0.0/8', 'CH'), ('9.0.0.0/8', 'AT');"
    "INSERT INTO research_netblock (netblock) VALUES ('10.0.0.0/8'), ('9.0.0.0/8'), "
    "('2001:db8::/32');"
    "INSERT INTO asn_block VALUES ('11.0.0.0/8', '11.0.0.0/8 64496\n11.1.0.0/16 64497\n'), "
    "('2600::/16', '2600:1::/32 64498\n'), ('100.0.0.0/8', '100.0.0.0/8 1\n');"
    "UPDATE host SET is_research = 1, serves_research = 1 WHERE id = 5;";

struct Network : ScratchCatalog {
  Network() { REQUIRE(run(kNetwork).empty()); }

  std::string snapshot() const { return (folder().path() / "snapshot").string(); }
  tests::Outcome build() const {
    return run_program("cache_builder/cache_builder",
                       {"build", "--catalog", url(), "--output", snapshot()});
  }
  std::string bytes() const { return base::read_file(snapshot(), snapshot::kMaxSnapshotBytes); }
};

// Names of the hosts in a directory's set.
std::string hosts_of(const proto::Snapshot& snapshot, const std::string& path) {
  std::string names;
  for (const auto& directory : snapshot.directories()) {
    if (directory.path() != path) continue;
    for (const std::size_t host :
         cache_builder::hosts_in(snapshot.host_sets(static_cast<int>(directory.host_set()))))
      names += snapshot.hosts(static_cast<int>(host)).name() + " ";
  }
  return names;
}

}  // namespace

TEST_CASE("a snapshot says what the catalog says") {
  const Network network;
  std::uint64_t told = 0;
  std::uint64_t last = 0;
  const auto snapshot = cache_builder::assemble(catalog::CatalogReader(network.url()),
                                                [&](std::uint64_t done, std::uint64_t total) {
                                                  CHECK(done == ++told);
                                                  last = total;
                                                });
  snapshot::validate(snapshot);
  CHECK(told > 0);
  CHECK(last == static_cast<std::uint64_t>(snapshot.directories_size()));

  REQUIRE(snapshot.hosts_size() == 4);
  const proto::Host& first = snapshot.hosts(0);
  CHECK(first.name() == "h1");
  CHECK(first.site() == "s");
  CHECK(first.latitude() == 50);
  CHECK(std::vector<std::uint32_t>(first.client_asns().begin(), first.client_asns().end()) ==
        std::vector<std::uint32_t>{680, 3320});
  REQUIRE(first.carriages_size() == 2);
  CHECK(first.carriages(1).urls(0) == "https://h1/z");
  CHECK(first.carriages(1).urls(2) == "rsync://h1/z");
  CHECK(snapshot.hosts(1).client_asns().empty());
  CHECK_FALSE(snapshot.hosts(1).has_latitude());
  CHECK(snapshot.hosts(2).name() == "h5");
  CHECK(snapshot.hosts(2).is_private());
  CHECK(snapshot.hosts(2).serves_research());
  CHECK_FALSE(snapshot.hosts(0).serves_research());
  CHECK(snapshot.hosts(2).netblocks(0).address() == std::string("\x09\0\0\0", 4));

  CHECK(hosts_of(snapshot, "z/2") == "h1 h2 h5 ");
  CHECK(hosts_of(snapshot, "z/1") == "h2 ");
  CHECK(hosts_of(snapshot, "a/1").empty());

  const proto::File& file = snapshot.directories(2).files(0);
  REQUIRE(file.versions_size() == 2);
  CHECK(file.versions(0).timestamp() == 200);
  CHECK(file.versions(0).md5().size() == 16);

  CHECK(snapshot.repositories(0).architecture() == "x");
  CHECK(snapshot.repositories(0).is_disabled());
  CHECK(snapshot.redirects(0).to() == "r");
  for (const proto::Country& country : snapshot.countries())
    if (country.code() == "TR") CHECK(country.continent() == "EU");
  CHECK(snapshot.netblock_countries(0).country() == "AT");
  REQUIRE(snapshot.research_networks_size() == 3);
  CHECK(snapshot.research_networks(0).address() == std::string("\x09\0\0\0", 4));
  CHECK(snapshot.research_networks(2).length() == 32);
}

TEST_CASE("one state of the catalog always gives the same bytes") {
  const Network network;
  CHECK(network.build().status == 0);
  const std::string first = network.bytes();
  const auto again = network.build();
  CHECK_THAT(again.output, Catch::StartsWith("4 hosts, 3 directories, 2 repositories, " +
                                             std::to_string(first.size()) + " bytes, "));
  CHECK(network.bytes() == first);
}

TEST_CASE("the rules have a new revision when the same catalog makes another snapshot") {
  const Network network;
  const auto bytes =
      tests::encode_file(cache_builder::assemble(catalog::CatalogReader(network.url())));
  INFO("Raise kRevision in cache_builder/assemble.h, then state the new digest here.");
  CHECK(cache_builder::kRevision == 1);
  CHECK(snapshot::file_digest(bytes) ==
        "ef18b4f00d3e0aef7e7365fa9d87f36d75b8d7b66c17d905308820fe3facb738");
}

TEST_CASE("only what has changed is built with --if-changed") {
  const Network network;
  const auto build = [&] {
    return run_program(
        "cache_builder/cache_builder",
        {"build", "--if-changed", "--catalog", network.url(), "--output", network.snapshot()});
  };
  const auto is_kept = [&] {
    struct stat before {};
    struct stat after {};
    REQUIRE(::stat(network.snapshot().c_str(), &before) == 0);
    const auto outcome = build();
    CAPTURE(outcome.output);
    CHECK(outcome.status == 0);
    REQUIRE(::stat(network.snapshot().c_str(), &after) == 0);
    return before.st_ino == after.st_ino && before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
           before.st_mtim.tv_nsec == after.st_mtim.tv_nsec;
  };
  CHECK(build().status == 0);  // there was none
  const std::string good = network.bytes();
  CHECK(is_kept());
  CHECK_THAT(build().output, Catch::StartsWith("nothing has changed") && Catch::EndsWith("\n"));

  SECTION("a change of the catalog is built") {
    catalog::CatalogWriter writer(network.url(), [] { return std::int64_t{2'000'000}; });
    writer.insert(catalog::Redirect{"old", "q"});
    writer.commit();
    CHECK_FALSE(is_kept());
    CHECK(network.bytes() != good);
    CHECK(is_kept());
  }
  SECTION("a damaged snapshot is built anew") {
    base::publish_file(network.snapshot(), good.substr(0, good.size() - 1));
    CHECK_FALSE(is_kept());
    CHECK(network.bytes() == good);
  }
  SECTION("what another revision of the builder made is built anew") {
    auto snapshot = snapshot::decode_file(good);
    snapshot.set_builder_revision(cache_builder::kRevision + 1);
    base::publish_file(network.snapshot(), tests::encode_file(snapshot));
    CHECK_FALSE(is_kept());
    CHECK(network.bytes() == good);
  }
}

TEST_CASE("a catalog that makes no good snapshot leaves the old one in place") {
  struct Row {
    const char* sql;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({
      {"INSERT INTO repository_redirect VALUES ('r', 'q')", "redirect from"},
      {"UPDATE directory SET path = 'elsewhere' WHERE id = 1", "directory elsewhere is not below"},
      {"UPDATE host_category_url SET url = 'http://h1/%zz' WHERE url = 'http://h1/z'",
       "URL of host h1"},
      {"UPDATE host_netblock SET netblock = '10.0.0.1/8' WHERE netblock = '10.0.0.0/8'",
       "is expected"},
      {tests::tested_engine() == catalog::EngineKind::kSqlite
           ? "PRAGMA foreign_keys = OFF; DELETE FROM site WHERE id = 1"
           : "ALTER TABLE host DROP CONSTRAINT host_site_id_fkey; DELETE FROM site WHERE id = 1",
       "site 1 is named but does not"},
  }));
  const Network network;
  REQUIRE(network.build().status == 0);
  const std::string before = network.bytes();
  REQUIRE(network.run(row.sql).empty());
  const auto outcome = network.build();
  CAPTURE(row.sql, outcome.output);
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.output, Catch::Contains(row.reason));
  CHECK(std::count(outcome.output.begin(), outcome.output.end(), '\n') == 1);
  CHECK(network.bytes() == before);
}

TEST_CASE("a host in a cloud is private, and has its regions' ranges as netblocks") {
  const Network network;
  REQUIRE(network
              .run("INSERT INTO cloud_netblock VALUES ('aws', 'eu-1', '11.1.0.0/16'), "
                   "('aws', 'eu-1', '2600:1::/32'), ('aws', 'us-1', '11.2.0.0/16'), "
                   "('gcp', 'eu-1', '11.3.0.0/16');"
                   "INSERT INTO host_cloud VALUES (1, 'aws', 'eu-1'), (2, 'aws', 'all'), "
                   "(6, 'gcp', 'eu-2');"
                   "INSERT INTO host_netblock VALUES (1, '11.1.0.0/16'), (1, '11.0.9.0/24');")
              .empty());
  const auto snapshot = cache_builder::assemble(catalog::CatalogReader(network.url()));
  const auto netblocks = [&](int host) {
    std::vector<std::string> texts;
    for (const proto::Netblock& netblock : snapshot.hosts(host).netblocks())
      texts.push_back(snapshot::prefix_of(netblock)->text());
    return texts;
  };
  CHECK(netblocks(0) == std::vector<std::string>{"11.0.9.0/24", "11.1.0.0/16", "2600:1::/32"});
  CHECK(netblocks(1) == std::vector<std::string>{"11.1.0.0/16", "11.2.0.0/16", "2600:1::/32"});
  CHECK(netblocks(3).empty());
  CHECK(snapshot.hosts(0).is_private());
  CHECK(snapshot.hosts(3).is_private());
  // Its AS is all of the cloud's; what is stated stays.
  CHECK(std::vector<std::uint32_t>(snapshot.hosts(0).client_asns().begin(),
                                   snapshot.hosts(0).client_asns().end()) ==
        std::vector<std::uint32_t>{680, 3320});
  CHECK(snapshot.hosts(1).client_asns().empty());
  CHECK_NOTHROW(tests::encode_file(snapshot));
}

TEST_CASE("an empty catalog makes a good, empty snapshot") {
  const ScratchCatalog catalog;
  const auto snapshot = cache_builder::assemble(catalog::CatalogReader(catalog.url()));
  CHECK_NOTHROW(tests::encode_file(snapshot));
}

TEST_CASE("a snapshot is shown for people and, complete, for programs") {
  const Network network;
  REQUIRE(network.build().status == 0);
  const auto inspect = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"inspect", network.snapshot()});
    return run_program("cache_builder/cache_builder", words);
  };
  CHECK_THAT(inspect({}).output,
             Catch::Contains("4 hosts") &&
                 Catch::Contains("h5 (own) -- 1000 Mbit/s private research research-clients") &&
                 Catch::Contains("netblocks 9.0.0.0/8, 10.0.0.0/8") &&
                 Catch::Contains("3 research networks\n  9.0.0.0/8\n") &&
                 Catch::Contains("3 IPv4 and 1 IPv6 prefixes with ASN\n") &&
                 Catch::Contains("    repomd.xml of 200, 11 bytes\n      md5 00112233") &&
                 Catch::Contains("    repomd.xml of 100, 10 bytes\n") &&
                 Catch::Contains("r x at z/1 disabled") && Catch::Contains("q to r"));
  const auto json = nlohmann::json::parse(inspect({"--json"}).output);
  CHECK(json["hosts"][0]["categories"]["z"][0] == "https://h1/z");
  CHECK(json["hosts"][1]["latitude"].is_null());
  CHECK(json["directories"][2]["files"][0]["versions"][0]["md5"] ==
        "00112233445566778899aabbccddeeff");
  CHECK(json["host_sets"][json["directories"][2]["host_set"].get<std::size_t>()] ==
        std::vector<int>{1, 2, 5});
  CHECK(json["redirects"]["q"] == "r");
  CHECK(json["countries"]["TR"] == "EU");
  CHECK(json["netblock_countries"]["10.0.0.0/8"] == "CH");
  CHECK(json["research_netblocks"] ==
        std::vector<std::string>{"9.0.0.0/8", "10.0.0.0/8", "2001:db8::/32"});
  CHECK(json["asn_prefixes"]["ipv4"] == 3);
  CHECK(json["hosts"][2]["research_clients"] == true);
  CHECK(json["sha256"].get<std::string>().size() == 64);
}

TEST_CASE("inspecting what is no snapshot names the file and the reason") {
  const ScratchCatalog catalog;
  const auto outcome =
      run_program("cache_builder/cache_builder", {"inspect", catalog.folder().write("x", "text")});
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.output, Catch::Contains("/x: no Mirrorway snapshot"));
  CHECK(run_program("cache_builder/cache_builder", {}).status == 2);
}

TEST_CASE("the snapshot of a real network is small", "[sqlite]") {
  const std::string data = tests::in_source("../shared/data/");
  if (!std::filesystem::exists(data + "almalinux-mirrors.jsonl")) {
    WARN("no " << data << ": not tested");
    return;
  }
  const ScratchCatalog catalog;
  REQUIRE(run_program("admin/mirror_admin", {"--catalog", catalog.url(), "import", "inventory",
                                             data + "almalinux-mirrors.jsonl", "--repositories",
                                             data + "almalinux-repos.json"})
              .status == 0);
  const auto snapshot = cache_builder::assemble(catalog::CatalogReader(catalog.url()));
  const std::string bytes = tests::encode_file(snapshot);
  CHECK(bytes.size() < 300'000);
  CHECK(snapshot.hosts_size() == 531);
  CHECK(snapshot.host_sets_size() == 3);
  CHECK(tests::encode_file(cache_builder::assemble(catalog::CatalogReader(catalog.url()))) ==
        bytes);
}
