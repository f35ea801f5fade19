#include "cache_builder/probes.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "tests/support/network.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;
using cache_builder::ProbeSettings;

namespace {

// Read from a configuration, as an operator writes them.
void parse(const std::string& toml, ProbeSettings& settings) {
  const tests::TemporaryFolder folder;
  base::Options options("cache_builder", "test");
  declare_probes(options, settings);
  std::vector<std::string> words{"cache_builder", "--config", folder.write("c.toml", toml)};
  std::vector<char*> argv;
  argv.reserve(words.size());
  for (std::string& word : words) argv.push_back(word.data());
  options.parse(static_cast<int>(argv.size()), argv.data());
}

std::string ask(const std::string& toml, const tests::Network& network) {
  ProbeSettings settings;
  parse(toml, settings);
  return fmt::format(
      "{}", fmt::join(cache_builder::find_failing_probes(settings, network.snapshot()), " | "));
}

std::string probe(const std::string& keys) {
  return "[[probe]]\n" + keys;
}

constexpr const char* kOs = "repository = \"os\"\narchitecture = \"x86_64\"\n";

// de1, de2: for everybody; own: private, for 198.51.100.0/24; fr: for clients in France only.
tests::Network network() {
  tests::Network network;
  network.add_host("de1", "DE");
  network.add_host("de2", "DE");
  proto::Host& own = network.add_host("own", "DE");
  own.set_is_private(true);
  tests::add_netblock(own, "198.51.100.0/24");
  network.add_host("fr", "FR").add_allowed_countries("FR");
  network.set_partial({0});
  network.add_redirect("latest", "os");
  return network;
}

}  // namespace

TEST_CASE("a probe fails when its client would get too few mirrors") {
  struct Row {
    std::string toml;
    const char* failing;
  };
  const auto row = GENERATE(values<Row>({
      {"", ""},
      {probe(std::string(kOs) + "address = \"192.0.2.1\"\n"), ""},
      {probe(std::string(kOs) + "address = \"192.0.2.1\"\nmin_mirrors = 2\n"), ""},
      {probe(std::string(kOs) + "address = \"192.0.2.1\"\nmin_mirrors = 3\n"),
       "probe (repository os x86_64, 192.0.2.1) gets 2 of 3 mirrors"},
      // The network's own private host is one of its mirrors; so it is from inside a tunnel.
      {probe(std::string(kOs) + "address = \"198.51.100.9\"\nmin_mirrors = 3\n"), ""},
      {probe(std::string(kOs) + "address = \"::ffff:198.51.100.9\"\nmin_mirrors = 3\n"), ""},
      {probe("path = \"/pub/linux/partial/\"\naddress = \"2001:db8::1\"\nmin_mirrors = 2\n"
             "name = \"six\"\n"),
       "probe \"six\" (path pub/linux/partial, 2001:db8::1) gets 1 of 2 mirrors"},
      {probe("path = \"pub/linux/os/file.iso\"\naddress = \"192.0.2.1\"\n"), ""},
      {probe("repository = \"latest\"\narchitecture = \"x86_64\"\naddress = \"192.0.2.1\"\n"), ""},
      {probe("repository = \"os\"\narchitecture = \"arm\"\naddress = \"192.0.2.1\"\n"),
       "probe (repository os arm, 192.0.2.1) is not found or disabled"},
      {probe("path = \"pub/none\"\naddress = \"192.0.2.1\"\n") +
           probe("path = \"pub/neither\"\naddress = \"192.0.2.2\"\n"),
       "probe (path pub/none, 192.0.2.1) is not found or disabled | "
       "probe (path pub/neither, 192.0.2.2) is not found or disabled"},
  }));
  CAPTURE(row.toml);
  CHECK(ask(row.toml, network()) == row.failing);
}

TEST_CASE("a repository that is disabled fails its probe") {
  auto snapshot = network().snapshot();
  snapshot.mutable_repositories(0)->set_is_disabled(true);
  ProbeSettings settings;
  parse(probe(std::string(kOs) + "address = \"192.0.2.1\"\n"), settings);
  CHECK(cache_builder::find_failing_probes(settings, snapshot).size() == 1);
}

TEST_CASE("probes that cannot be asked have not passed") {
  const auto failing = ask("[cache_builder]\ngeoip = [\"/nonexistent/g\"]\n" +
                               probe(std::string(kOs) + "address = \"192.0.2.1\"\n"),
                           network());
  CHECK_THAT(failing,
             Catch::StartsWith("probes cannot be asked: ") && Catch::Contains("/nonexistent/g"));
  CHECK(ask("[cache_builder]\ngeoip = \"none\"\n" +
                probe(std::string(kOs) + "address = \"192.0.2.1\"\n"),
            network())
            .empty());
  // Without a probe nobody needs the files.
  CHECK(ask("[cache_builder]\ngeoip = [\"/nonexistent/g\"]\n", network()).empty());
}

TEST_CASE("a mistake in a probe is named with file and line") {
  struct Row {
    std::string keys;
    const char* message;
  };
  const auto row = GENERATE(values<Row>({
      {std::string(kOs), "c.toml:1: a probe needs the address of a client"},
      {"address = \"192.0.2.1\"\n",
       "c.toml:1: a probe needs either repository and architecture, or path"},
      {"repository = \"os\"\naddress = \"192.0.2.1\"\n", "c.toml:1: a probe needs either"},
      {"architecture = \"x\"\npath = \"a\"\naddress = \"192.0.2.1\"\n",
       "c.toml:1: a probe needs either"},
      {std::string(kOs) + "path = \"a\"\naddress = \"192.0.2.1\"\n",
       "c.toml:1: a probe needs either"},
      {"path = \"a/../b\"\naddress = \"192.0.2.1\"\n", "c.toml:1: path: "},
      {std::string(kOs) + "address = \"localhost\"\n",
       "c.toml:1: address: \"localhost\" is no IP address"},
      {std::string(kOs) + "address = \"192.0.2.1\"\nmin_mirrors = 0\n",
       "c.toml:5: min_mirrors: \"0\" is not a whole number"},
      {std::string(kOs) + "addres = \"192.0.2.1\"\n", "c.toml:4: unknown key \"addres\""},
  }));
  CAPTURE(row.keys);
  ProbeSettings settings;
  CHECK_THROWS_WITH(parse(probe(row.keys), settings), Catch::Contains(row.message));
}
