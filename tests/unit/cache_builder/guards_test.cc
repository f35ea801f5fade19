#include "cache_builder/guards.h"

#include <fmt/format.h>

#include <numeric>

#include <catch2/catch.hpp>

#include "tests/support/network.h"

using namespace mirrorway;
using cache_builder::Census;

namespace {

std::vector<std::uint64_t> numbers(std::size_t count, std::uint64_t first = 1) {
  std::vector<std::uint64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

// Repositories r1, r2, …, of x86_64, with so many hosts each.
Census census(std::size_t hosts, std::size_t directories,
              const std::vector<std::size_t>& repositories) {
  Census census{numbers(hosts), numbers(directories), {}};
  for (const std::size_t count : repositories)
    census.repositories.push_back(
        {fmt::format("r{}", census.repositories.size() + 1), "x86_64", count});
  return census;
}

}  // namespace

TEST_CASE("a loss is too large when it is more than the share and more than one") {
  struct Row {
    const char* what;
    Census before;
    Census after;
    double max_loss;
    std::string losses;
  };
  const auto row = GENERATE(values<Row>({
      {"the same", census(10, 10, {10}), census(10, 10, {10}), 0.2, ""},
      {"more of everything", census(10, 10, {10}), census(20, 20, {20, 20}), 0, ""},
      {"exactly the share", census(100, 100, {100}), census(80, 80, {80}), 0.2, ""},
      {"exactly a share that no double is", census(100, 9, {}), census(71, 9, {}), 0.29, ""},
      {"more than the share of hosts", census(100, 10, {}), census(79, 10, {}), 0.2,
       "21 of 100 hosts"},
      {"of directories", census(9, 30'000, {}), census(9, 1, {}), 0.2,
       "29999 of 30000 directories"},
      {"of repositories", census(9, 9, {5, 5, 5, 5}), census(9, 9, {5, 5}), 0.2,
       "2 of 4 repositories"},
      {"of one repository's hosts", census(9, 9, {5, 9}), census(9, 9, {5, 7}), 0.2,
       "hosts of repository r2 x86_64 9 to 7"},
      {"everything at once", census(9, 9, {9, 9}), census(7, 7, {0, 8}), 0.2,
       "2 of 9 hosts | 2 of 9 directories | hosts of repository r1 x86_64 9 to 0"},
      {"one host of three", census(3, 9, {3}), census(2, 9, {2}), 0.2, ""},
      {"one host of two", census(2, 9, {2}), census(1, 9, {1}), 0, ""},
      {"two hosts of three", census(3, 9, {3}), census(1, 9, {3}), 0.2, "2 of 3 hosts"},
      {"the only host of a repository", census(9, 9, {1}), census(9, 9, {0}), 0.2, ""},
      {"the only host of all", census(1, 9, {}), census(0, 9, {}), 0.2, "1 of 1 hosts"},
      {"the only directory", census(9, 1, {}), census(9, 0, {}), 0.99, "1 of 1 directories"},
      {"a repository that is gone", census(9, 9, {9, 9, 9, 9, 9}), census(9, 9, {9, 9, 9, 9}), 0.2,
       ""},
      {"anything, where anything may be lost", census(9, 9, {9}), census(0, 0, {}), 1, ""},
      {"nothing was there", census(0, 0, {}), census(0, 0, {}), 0, ""},
  }));
  CAPTURE(row.what);
  CHECK(fmt::format(
            "{}", fmt::join(cache_builder::find_heavy_losses(row.before, row.after, {row.max_loss}),
                            " | ")) == row.losses);
}

TEST_CASE("repositories are compared with those of the same name, wherever they stand") {
  const Census before{{}, {}, {{"a", "x", 5}, {"b", "x", 5}, {"b", "y", 5}, {"d", "x", 5}}};
  const Census after{{}, {}, {{"b", "y", 1}, {"c", "x", 0}, {"d", "x", 2}, {"e", "x", 0}}};
  CHECK(
      cache_builder::find_heavy_losses(before, after, {0.5}) ==
      std::vector<std::string>{"hosts of repository b y 5 to 1", "hosts of repository d x 5 to 2"});
}

TEST_CASE("others do not make up for what is gone") {
  Census before{numbers(10), numbers(10), {}};
  Census after{numbers(10, 4), numbers(10, 6), {}};
  for (const char* name : {"a", "b", "c", "d"}) before.repositories.push_back({name, "x", 5});
  for (const char* name : {"a", "b", "y", "z"}) after.repositories.push_back({name, "x", 5});
  CHECK(cache_builder::find_heavy_losses(before, after, {0.2}) ==
        std::vector<std::string>{"3 of 10 hosts", "5 of 10 directories", "2 of 4 repositories"});
}

TEST_CASE("of several hosts in one place each counts") {
  const Census before{{7, 7, 7, 7, 8}, {}, {}};
  CHECK(cache_builder::find_heavy_losses(before, {{7, 8}, {}, {}}, {0.2}) ==
        std::vector<std::string>{"3 of 5 hosts"});
  CHECK(cache_builder::find_heavy_losses(before, before, {0.2}).empty());
}

TEST_CASE("a census counts what is served") {
  tests::Network network;
  for (const char* name : {"a", "b", "c"}) network.add_host(name, "DE");
  auto snapshot = network.snapshot();
  Census census = cache_builder::take_census(snapshot);
  CHECK(census.hosts.size() == 3);
  CHECK(census.directories.size() == static_cast<std::size_t>(snapshot.directories_size()));
  REQUIRE(census.repositories.size() == 1);
  CHECK(census.repositories[0].name == "os");
  CHECK(census.repositories[0].architecture == "x86_64");
  CHECK(census.repositories[0].hosts == 3);

  auto anew = snapshot;
  for (proto::Host& host : *anew.mutable_hosts()) {
    host.set_id(host.id() + 100);
    host.set_name(host.name() + "'s new name");
  }
  CHECK(cache_builder::take_census(anew).hosts == census.hosts);
  for (std::string& url : *anew.mutable_hosts(0)->mutable_carriages(0)->mutable_urls())
    url = "https://elsewhere.example/pub";
  CHECK(cache_builder::take_census(anew).hosts != census.hosts);

  snapshot.mutable_repositories(0)->set_is_disabled(true);
  CHECK(cache_builder::take_census(snapshot).repositories.empty());
}
