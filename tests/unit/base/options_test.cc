#include "common/base/options.h"

#include <array>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;
using namespace std::chrono_literals;

namespace {

struct Settings {
  std::string socket = "/run/default";
  std::vector<std::string> geoip;
  std::uint32_t workers = 1;
  std::chrono::milliseconds wait = 1s;
  bool quiet = false;
};

// Parses as mirrorlist_server would.
std::optional<int> parse(Settings& settings, std::vector<std::string> words) {
  base::Options options("mirrorlist_server", "test");
  options.add("socket", settings.socket, "PATH", "a path");
  options.add("geoip", settings.geoip, "FILE", "files");
  options.add("workers", settings.workers, 1, 64, "processes");
  options.add("max-wait", settings.wait, "time");
  options.add("quiet", settings.quiet, "a flag");
  words.insert(words.begin(), "mirrorlist_server");
  std::vector<char*> argv;
  argv.reserve(words.size());
  for (std::string& word : words) argv.push_back(word.data());
  return options.parse(static_cast<int>(argv.size()), argv.data());
}

}  // namespace

TEST_CASE("what file or flag set can be told from a default") {
  const tests::TemporaryFolder folder;
  const auto file = folder.write("config.toml", "[mirrorlist_server]\nsocket = \"/run/default\"\n");
  Settings settings;
  base::Options options("mirrorlist_server", "test");
  options.add("socket", settings.socket, "PATH", "a path");
  options.add("workers", settings.workers, 1, 64, "processes");
  options.add("max-wait", settings.wait, "time");
  std::vector<std::string> words{"mirrorlist_server", "--config", file, "--workers", "1"};
  std::vector<char*> argv;
  argv.reserve(words.size());
  for (std::string& word : words) argv.push_back(word.data());
  options.parse(static_cast<int>(argv.size()), argv.data());
  CHECK(options.is_set("socket"));
  CHECK(options.is_set("workers"));
  CHECK_FALSE(options.is_set("max-wait"));
  CHECK_FALSE(options.is_set("no-such-option"));
}

TEST_CASE("options come from their defaults, then the file, then flags") {
  const tests::TemporaryFolder folder;
  const auto file = folder.write("config.toml",
                                 "[mirrorlist_client]\nlisten = \"x\"\n"
                                 "[mirrorlist_server]\nsocket = \"/from/file\"\nworkers = 3\n"
                                 "geoip = [\"a\", \"b\"]\nmax_wait = \"5m\"\nquiet = true\n");
  Settings settings;
  CHECK_FALSE(parse(settings, {}).has_value());
  CHECK(settings.socket == "/run/default");

  CHECK_FALSE(parse(settings, {"--config", file, "--workers", "5", "--geoip", "c"}).has_value());
  CHECK(settings.socket == "/from/file");
  CHECK(settings.workers == 5);
  CHECK(settings.geoip == std::vector<std::string>{"c"});
  CHECK(settings.wait == 5min);
  CHECK(settings.quiet);
}

TEST_CASE("the environment names a file where no flag does, or none") {
  const tests::TemporaryFolder folder;
  const auto file = folder.write("config.toml", "[mirrorlist_server]\nsocket = \"/from/file\"\n");
  const auto with = [](const std::string& variable, const std::vector<std::string>& words) {
    ::setenv("MIRRORWAY_CONFIG", variable.c_str(), 1);
    Settings settings;
    CHECK_FALSE(parse(settings, words).has_value());
    ::setenv("MIRRORWAY_CONFIG", "none", 1);
    return settings.socket;
  };
  CHECK(with(file, {}) == "/from/file");
  CHECK(with(file, {"--config", "none"}) == "/run/default");
  CHECK(with("/no/such/file", {"--config", file}) == "/from/file");
  CHECK(with("none", {}) == "/run/default");
}

TEST_CASE("a list flag may be given several times") {
  Settings settings;
  CHECK_FALSE(parse(settings, {"--geoip", "a", "--geoip", "b"}).has_value());
  CHECK(settings.geoip == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a mistake in the file is named with file and line") {
  struct Row {
    const char* text;
    const char* message;
  };
  const auto row = GENERATE(values<Row>({
      {"[mirrorlist_server]\nsoket = \"x\"\n", "config.toml:2: unknown key \"soket\""},
      {"[mirrorlist_sever]\n", "config.toml:1: unknown table [mirrorlist_sever]"},
      {"[mirrorlist_server]\n\nsocket = 3\n", "config.toml:3: socket: must be a string in quotes"},
      {"[mirrorlist_server]\nworkers = 0\n", "config.toml:2: workers: \"0\" is not a whole number"},
      {"[mirrorlist_server]\nworkers = -1\n", "config.toml:2: workers: \"-1\" is not a whole"},
      {"[mirrorlist_server]\nmax_wait = \"soon\"\n", "config.toml:2: max_wait: \"soon\" is no"},
      {"[mirrorlist_server]\nquiet = 1\n", "config.toml:2: quiet: must be true or false"},
      {"[mirrorlist_server]\ngeoip = [1]\n", "config.toml:2: geoip: must be a string"},
      {"socket = \"x\"\n", "config.toml:1: unknown table [socket]"},
      {"[mirrorlist_server\n", "config.toml:1: "},
      {"[probe]\n", "config.toml:1: probe may come several times: write [[probe]]"},
      {"probe = [1]\n", "config.toml:1: probe may come several times: write [[probe]]"},
  }));
  CAPTURE(row.text);
  const tests::TemporaryFolder folder;
  Settings settings;
  CHECK_THROWS_WITH(parse(settings, {"--config", folder.write("config.toml", row.text)}),
                    Catch::Contains(row.message));
}

TEST_CASE("what a check says of a key is given the place where the file has it") {
  const tests::TemporaryFolder folder;
  const auto file = folder.write("c.toml", "[mirrorlist_server]\n\nmax_wait = \"0s\"\n");
  const auto check = [&](std::vector<std::string> words) {
    std::chrono::milliseconds wait = 1s;
    std::chrono::milliseconds pause = 0s;
    base::Options options("mirrorlist_server", "test");
    options.add("max-wait", wait, "time");
    options.add("pause", pause, "time");
    options.add_check([&] {
      if (wait == 0s) throw base::UsageError("--max-wait must be longer");
      if (pause > wait) throw base::UsageError("--pause is longer than --max-wait");
    });
    words.insert(words.begin(), {"mirrorlist_server", "--config", file});
    std::vector<char*> argv;
    argv.reserve(words.size());
    for (std::string& word : words) argv.push_back(word.data());
    options.parse(static_cast<int>(argv.size()), argv.data());
  };
  CHECK_THROWS_WITH(check({}), Catch::EndsWith("c.toml:3: max_wait must be longer"));
  CHECK_THROWS_WITH(check({"--max-wait", "0s"}), "--max-wait must be longer");
  CHECK_NOTHROW(check({"--max-wait", "1s"}));
  folder.write("c.toml", "[mirrorlist_server]\nmax_wait = \"1s\"\n");
  CHECK_THROWS_WITH(check({"--pause", "2s"}),
                    Catch::EndsWith("c.toml:2: max_wait: --pause is longer than --max-wait"));
}

TEST_CASE("only what is empty by default may be") {
  const auto parse_word = [](const std::string& flag, std::string value) {
    std::string path = "/somewhere";
    std::string user;
    std::vector<std::string> files;
    base::Options options("mirrorlist_server", "test");
    options.add("path", path, "PATH", "place");
    options.add("user", user, "USER", "who");
    options.add("files", files, "FILE", "files");
    std::string program = "mirrorlist_server";
    std::string word = flag;
    std::array<char*, 3> argv{program.data(), word.data(), value.data()};
    options.parse(argv.size(), argv.data());
  };
  CHECK_THROWS_WITH(parse_word("--path", ""), "--path: must not be empty");
  CHECK_THROWS_WITH(parse_word("--files", ""), "--files: must not be empty");
  CHECK_NOTHROW(parse_word("--user", ""));
}

TEST_CASE("a bad flag value is named and is a usage error") {
  Settings settings;
  CHECK_THROWS_AS(parse(settings, {"--workers", "65"}), base::UsageError);
  CHECK_THROWS_WITH(parse(settings, {"--max-wait", "1"}), Catch::Contains("--max-wait: \"1\""));
}

TEST_CASE("unknown flags and a missing value end with the status for usage") {
  Settings settings;
  CHECK(parse(settings, {"--no-such-flag"}) == base::kExitUsage);
  CHECK(parse(settings, {"--socket"}) == base::kExitUsage);
}

TEST_CASE("help and man page are printed whatever else is missing") {
  Settings settings;
  CHECK(parse(settings, {"--man"}) == base::kExitSuccess);
  CHECK(parse(settings, {"--print-config"}) == base::kExitSuccess);
  CHECK(parse(settings, {"--print-reference"}) == base::kExitSuccess);
  CHECK(parse(settings, {"--print-completion"}) == base::kExitSuccess);
  CHECK(parse(settings, {"--help"}) == base::kExitSuccess);
  CHECK(parse(settings, {"--version"}) == base::kExitSuccess);
}

namespace {

struct Probe {
  std::string name;
  std::uint32_t least = 1;
};

std::vector<Probe> parse_probes(const std::string& file) {
  std::vector<Probe> probes;
  base::Options options("cache_builder", "test");
  options.add_tables("probe", "a question", [&](base::Options::Table& table) {
    Probe& probe = probes.emplace_back();
    table.add("name", probe.name, "NAME", "a name");
    table.add("least", probe.least, 1, 9, "a number");
    table.add_check([&probe] {
      if (probe.name.empty()) throw base::UsageError("a probe needs a name");
    });
  });
  std::vector<std::string> words{"cache_builder", "--config", file};
  std::vector<char*> argv;
  argv.reserve(words.size());
  for (std::string& word : words) argv.push_back(word.data());
  options.parse(static_cast<int>(argv.size()), argv.data());
  return probes;
}

}  // namespace

TEST_CASE("tables that may come several times are read in their order") {
  const tests::TemporaryFolder folder;
  const auto probes = parse_probes(folder.write(
      "c.toml", "[[probe]]\nname = \"a\"\n[cache_builder]\n[[probe]]\nleast = 3\nname = \"b\"\n"));
  REQUIRE(probes.size() == 2);
  CHECK(probes[0].name == "a");
  CHECK(probes[0].least == 1);
  CHECK(probes[1].name == "b");
  CHECK(probes[1].least == 3);
}

TEST_CASE("a mistake in one of several tables is named with file and line") {
  struct Row {
    const char* text;
    const char* message;
  };
  const auto row = GENERATE(values<Row>({
      {"[[probe]]\nname = \"a\"\n[[probe]]\nleast = 2\n", "c.toml:3: a probe needs a name"},
      {"[[probe]]\nnam = \"a\"\n", "c.toml:2: unknown key \"nam\" in [[probe]]"},
      {"[[probe]]\nname = 1\n", "c.toml:2: name: must be a string"},
      {"[[probe]]\nleast = 10\n", "c.toml:2: least: \"10\" is not a whole number from 1 to 9"},
  }));
  CAPTURE(row.text);
  const tests::TemporaryFolder folder;
  CHECK_THROWS_WITH(parse_probes(folder.write("c.toml", row.text)), Catch::Contains(row.message));
}

TEST_CASE("tables of another program are no concern of this one") {
  const tests::TemporaryFolder folder;
  Settings settings;
  CHECK_FALSE(parse(settings, {"--config", folder.write("c.toml", "[[probe]]\nanything = 1\n")})
                  .has_value());
}
