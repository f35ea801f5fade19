#include "mirrorlist_client/settings.h"

#include <catch2/catch.hpp>

#include "common/base/error.h"

using namespace mirrorway;
using namespace mirrorway::mirrorlist_client;

namespace {

Settings parse(std::vector<std::string> words) {
  Settings settings;
  base::Options options("mirrorlist_client", "test");
  declare(options, settings);
  words.insert(words.begin(), "mirrorlist_client");
  std::vector<char*> argv;
  argv.reserve(words.size());
  for (std::string& word : words) argv.push_back(word.data());
  const auto status = options.parse(static_cast<int>(argv.size()), argv.data());
  CHECK_FALSE(status.has_value());
  return settings;
}

}  // namespace

TEST_CASE("nobody is a trusted proxy by default") {
  CHECK(front_end_settings(parse({})).trusted_proxies.empty());
}

TEST_CASE("trusted proxies are lists of netblocks, given once or several times") {
  const auto settings = front_end_settings(
      parse({"--trusted-proxies", "127.0.0.0/8,::1", "--trusted-proxies", "10.0.0.0/8"}));
  REQUIRE(settings.trusted_proxies.size() == 3);
  CHECK(settings.trusted_proxies[1].text() == "::1/128");
}

TEST_CASE("file prefixes are paths between slashes") {
  CHECK(front_end_settings(parse({})).routes.file_prefixes == std::vector<std::string>{"/pub/"});
  CHECK(front_end_settings(parse({"--files", "/a//b", "--files", "/"})).routes.file_prefixes ==
        std::vector<std::string>{"/a/b/", "/"});
  CHECK(front_end_settings(parse({"--files", "none"})).routes.file_prefixes.empty());
}

TEST_CASE("aliases are tried in their order") {
  const auto routes =
      front_end_settings(parse({"--aliases", "/a/{x}=repo={x}", "--aliases", "/{y}/{x}=path={x}"}))
          .routes;
  REQUIRE(routes.aliases.size() == 2);
  CHECK(routes.aliases[0].match("/a/b")->front().first == "repo");
  CHECK_FALSE(routes.aliases[0].match("/b/b").has_value());
}

TEST_CASE("addresses given replace the default one") {
  CHECK(listen_addresses(parse({})).front().text() == "127.0.0.1:8080");
  const auto addresses = listen_addresses(parse({"--listen", "0.0.0.0:80", "--listen", "[::]:80"}));
  REQUIRE(addresses.size() == 2);
  CHECK(addresses[1].text() == "[::]:80");
}

TEST_CASE("a bad setting is a usage error that names the option") {
  struct Row {
    std::vector<std::string> words;
    const char* message;
  };
  const auto row = GENERATE(values<Row>({
      {{"--files", "pub"}, "--files: \"pub\" does not start with a slash"},
      {{"--files", "/a/../b"}, "--files: "},
      {{"--aliases", "/a"}, "--aliases: "},
      {{"--access-log-format", "apache"}, "--access-log-format: \"apache\" is not known"},
      {{"--listen", "here"}, "--listen: \"here\" is no ADDRESS:PORT"},
      {{"--trusted-proxies", "10.0.0.1/8"}, "--trusted-proxies: "},
      {{"--trusted-proxies", "10.0.0.0/8,"}, "--trusted-proxies: \"\""},
      {{"--lookup-timeout", "0s"}, "--lookup-timeout must be more than 0s"},
      {{"--idle-timeout", "25h"}, "--idle-timeout must be more than 0s and at most 24h"},
      {{"--server-socket", std::string(200, 'x')}, "--server-socket: a path may have 107 bytes"},
      {{"--log-level", "loud"}, "\"loud\" is no log level"},
      {{"--log-target", "syslog"}, "\"syslog\" is no log target"},
      {{"--access-log-format", "xml"}, "there are json, combined and mirrormanager"},
      {{"--metrics-listen", "9393"}, "--metrics-listen: \"9393\" is no ADDRESS:PORT"},
      {{"--workers", "0"}, "--workers"},
  }));
  CAPTURE(row.message);
  CHECK_THROWS_AS(parse(row.words), base::UsageError);
  CHECK_THROWS_WITH(parse(row.words), Catch::Contains(row.message));
}

TEST_CASE("the limit of requests is there by default, and 0 switches it off") {
  const auto usual = make_request_limit(parse({}));
  REQUIRE(usual != nullptr);
  CHECK(usual->settings().per_second == 100);
  CHECK(make_request_limit(parse({"--limit-requests-per-prefix", "0"})) == nullptr);
}
