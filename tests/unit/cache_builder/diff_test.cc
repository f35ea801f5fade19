#include "cache_builder/diff.h"

#include <fmt/format.h>

#include <functional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "cache_builder/host_sets.h"
#include "common/net/address.h"
#include "common/snapshot/asn_table.h"
#include "common/snapshot/file.h"
#include "common/snapshot/netblock.h"
#include "tests/support/network.h"

using namespace mirrorway;
using cache_builder::Extent;

namespace {

tests::Network network(const std::vector<std::string>& hosts) {
  tests::Network network;
  for (const std::string& name : hosts) network.add_host(name, "DE");
  return network;
}

// The lines without the first, which is about generations.
std::string differences(const proto::Snapshot& before, const proto::Snapshot& after) {
  snapshot::validate(before);
  snapshot::validate(after);
  const std::string text = format_difference(cache_builder::compare(before, after), Extent::kSome);
  return text.substr(text.find('\n') + 1);
}

proto::Netblock netblock(std::string_view cidr) {
  return snapshot::to_proto(*net::Prefix::parse(cidr));
}

}  // namespace

TEST_CASE("what changed is said in words") {
  struct Row {
    std::function<void(proto::Snapshot&)> change;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {[](auto&) {}, "nothing else changed\n"},
      {[](auto& s) { s.set_catalog_generation(99); }, "nothing else changed\n"},
      {[](auto& s) {
         s.mutable_hosts(0)->set_country("FR");
         s.mutable_hosts(0)->set_bandwidth_mbps(10'000);
         s.mutable_hosts(1)->set_city("Trier");
         s.mutable_hosts(1)->set_latitude(49.75);
         s.mutable_hosts(1)->set_longitude(6.5);
       },
       "hosts: 3 as before\n"
       "  changed: a (Site of a): country DE to FR; Mbit/s 1000 to 10000\n"
       "  changed: b (Site of b): city none to Trier; position none to 49.75,6.5\n"},
      {[](auto& s) {
         for (int i = 0; i < 3; ++i) s.mutable_hosts(i)->set_is_private(true);
       },
       "hosts: 3 as before\n  changed: a (Site of a), b (Site of b), c (Site of c): now private\n"},
      {[](auto& s) {
         *s.mutable_hosts(0)->add_netblocks() = netblock("9.0.0.0/8");
         s.mutable_hosts(0)->add_client_asns(680);
         s.mutable_hosts(0)->add_allowed_countries("DE");
         s.mutable_hosts(0)->mutable_carriages(0)->set_urls(1, "http://z/linux");
       },
       "hosts: 3 as before\n"
       "  changed: a (Site of a): allowed countries come DE; client ASNs come 680; netblocks come "
       "9.0.0.0/8; "
       "URLs of linux gone http://a/linux; URLs of linux come http://z/linux\n"},
      {[](auto& s) { s.mutable_repositories(0)->set_is_disabled(true); },
       "repositories: 1 as before\n  disabled: os x86_64\n"},
      {[](auto& s) { s.mutable_repositories(0)->set_directory(2); },
       "repositories: 1 as before\n  moved: os x86_64: pub/linux/os to pub/linux/partial\n"},
      {[](auto& s) { s.mutable_repositories(0)->set_architecture("arm"); },
       "repositories: 1 as before\n  gone: os x86_64\n  come: os arm\n"},
      {[](auto& s) {
         s.mutable_redirects(1)->set_to("os");
         auto* added = s.add_redirects();
         added->set_from("z");
         added->set_to("os");
       },
       "redirects: 2 to 3\n  come: z\n  changed: q: p to os\n"},
      {[](auto& s) { *s.add_research_networks() = netblock("10.0.0.0/8"); },
       "research networks: 0 to 1\n  come: 10.0.0.0/8\n"},
      {[](auto& s) {
         *s.mutable_asns() = snapshot::encode_asn_table({{*net::Prefix::parse("10.0.0.0/8"), 7}});
       },
       "announced networks: 0 to 1\n  come: 10.0.0.0/8\n"},
  }));
  tests::Network base = network({"a", "b", "c"});
  base.add_redirect("p", "os");
  base.add_redirect("q", "p");
  const proto::Snapshot before = base.snapshot();
  proto::Snapshot after = before;
  row.change(after);
  CHECK(differences(before, after) == row.text);
}

TEST_CASE("a host that is gone is told of once, not for each of its directories") {
  const proto::Snapshot before = network({"a", "b", "c"}).snapshot();
  proto::Snapshot after = network({"x", "b", "c", "d"}).snapshot();
  after.mutable_hosts()->DeleteSubrange(0, 1);  // ids 2, 3 and 4 are left
  for (std::string& set : *after.mutable_host_sets())
    if (!set.empty()) set = "\x07";
  CHECK(differences(before, after) ==
        "hosts: 3 as before\n  gone: a (Site of a)\n  come: d (Site of d)\n");
}

TEST_CASE("directories that lost and gained mirrors are told of by what they lost and gained") {
  tests::Network of_three = network({"a", "b", "c"});
  of_three.set_partial({0, 1});
  const proto::Snapshot before = of_three.snapshot();
  of_three.set_partial({1, 2});
  CHECK(differences(before, of_three.snapshot()) ==
        "directories: 3 as before\n"
        "  lost mirrors: pub/linux/partial: 2 to 2; lost a (Site of a); gained c (Site of c)\n");
  of_three.set_partial({0, 1, 2});
  CHECK(differences(before, of_three.snapshot()) ==
        "directories: 3 as before\n"
        "  gained mirrors: pub/linux/partial: 2 to 3; gained c (Site of c)\n");
  of_three.set_partial({});
  proto::Snapshot after = of_three.snapshot();
  for (proto::Directory& directory : *after.mutable_directories()) directory.set_host_set(0);
  after.mutable_host_sets()->DeleteSubrange(1, 1);
  CHECK(differences(before, after) ==
        "directories: 3 as before\n"
        "  lost mirrors: pub/linux/os, pub/linux/os/repodata: 3 to 0; "
        "lost a (Site of a), b (Site of b), c (Site of c)\n"
        "  lost mirrors: pub/linux/partial: 2 to 0; lost a (Site of a), b (Site of b)\n");
}

TEST_CASE("files and categories of directories are compared by name") {
  proto::Snapshot before = network({"a"}).snapshot();
  auto* file = before.mutable_directories(1)->add_files();
  file->set_name("repomd.xml");
  file->add_versions()->set_size(5);
  proto::Snapshot after = before;
  after.mutable_directories(1)->mutable_files(0)->mutable_versions(0)->set_size(6);
  CHECK(differences(before, after) ==
        "directories: 3 as before\n  changed: pub/linux/os/repodata: files changed repomd.xml\n");

  after = before;
  auto* category = after.add_categories();
  category->set_name("other");
  category->set_top_directory("pub/linux");
  for (int i = 0; i < 2; ++i) after.mutable_directories(i)->set_category(1);
  auto* carriage = after.mutable_hosts(0)->add_carriages();
  carriage->set_category(1);
  carriage->add_urls("https://a/linux");
  CHECK(differences(before, after) ==
        "categories: 1 to 2\n  come: other\n"
        "hosts: 1 as before\n  changed: a (Site of a): URLs of other come https://a/linux\n"
        "directories: 3 as before\n"
        "  changed: pub/linux/os, pub/linux/os/repodata: category linux to other\n");
}

TEST_CASE("a large change is told of in few lines, and whole when asked for") {
  std::vector<std::string> names;
  names.reserve(500);
  for (int i = 0; i < 500; ++i) names.push_back(fmt::format("h{:03}", i));
  const proto::Snapshot before = network(names).snapshot();
  proto::Snapshot after = before;
  for (int i = 0; i < 500; ++i) after.mutable_hosts(i)->set_city(fmt::format("c{}", i));
  const auto difference = cache_builder::compare(before, after);
  const std::string some = format_difference(difference, Extent::kSome);
  CHECK(std::count(some.begin(), some.end(), '\n') < 30);
  CHECK_THAT(some, Catch::Contains("  changed: 490 further changes\n"));
  const std::string all = format_difference(difference, Extent::kAll);
  CHECK_THAT(all, Catch::Contains("h499 (Site of h499): city none to c499"));

  const auto gone = cache_builder::compare(before, network({"h000"}).snapshot());
  const std::string line = format_difference(gone, Extent::kSome);
  CHECK_THAT(line, Catch::Contains("hosts: 500 to 1\n  gone: h001 (Site of h001), ") &&
                       Catch::Contains("h010 (Site of h010) and 489 more\n"));
}

TEST_CASE("programs get all of it as JSON") {
  const proto::Snapshot before = network({"a", "b"}).snapshot();
  proto::Snapshot after = before;
  after.set_catalog_generation(8);
  after.mutable_hosts(1)->set_country("FR");
  const auto json =
      nlohmann::json::parse(format_difference_as_json(cache_builder::compare(before, after)));
  CHECK(json["differs"] == true);
  CHECK(json["catalog_generation"] == std::vector<int>{7, 8});
  CHECK(json["hosts"]["before"] == 2);
  CHECK(json["hosts"]["changes"][0]["kind"] == "changed");
  CHECK(json["hosts"]["changes"][0]["subjects"] == std::vector<std::string>{"b (Site of b)"});
  CHECK(json["hosts"]["changes"][0]["details"][0]["text"] == "country DE to FR");
  CHECK(json["directories"]["changes"].empty());
}

TEST_CASE("what has no words still makes a difference") {
  const proto::Snapshot before = network({"a"}).snapshot();
  proto::Snapshot after = before;
  after.mutable_hosts(0)->mutable_carriages(0)->add_urls("http://b/linux");
  proto::Snapshot swapped = after;
  swapped.mutable_hosts(0)->mutable_carriages(0)->mutable_urls()->SwapElements(1, 2);
  CHECK(differences(after, swapped) == "they differ in what has no words here\n");
}
