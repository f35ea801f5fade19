// The page for people and the JSON answer, read back.

#include <set>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "common/net/url.h"
#include "tests/support/xml.h"
#include "tests/unit/answer/hostile_world.h"

using namespace mirrorway;
using namespace mirrorway::tests;
using nlohmann::json;

namespace {

std::string hostile_path() {
  return std::string(kHostileDirectory) + "/" + kHostileName;
}

json json_of(const http::Answer& answer) {
  CHECK(answer.content_type == "application/json");
  return json::parse(answer.body);
}

}  // namespace

TEST_CASE("the page is well-formed whatever the names") {
  const std::string name = net::encode_component(kHostileName);
  const auto target = GENERATE_COPY(values<std::string>({
      "/mirrorlist?format=html&repo=os&arch=x86_64",
      "/mirrorlist?format=html&repo=" + net::encode_component(kHostileRepository) + "&arch=x%2786",
      "/" + net::encode_path(hostile_path()) + "?mirrorlist",
      "/" + net::encode_path(kHostileDirectory) + "/README?mirrorlist",
      "/mirrorlist?format=html&path=pub/linux/partial",
      "/mirrorlist?format=html&path=" + name,
      "/mirrorlist?format=html&repo=" + name + "&arch=" + name,
      "/mirrorlist?format=html&repo=os&arch=x86_64&country=%3Cscript%3E",
      "/mirrorlist?format=html",
  }));
  CAPTURE(target);
  const auto answer = HostileWorld().ask(target);
  CHECK(answer.content_type == "text/html; charset=utf-8");
  const auto document = parse_html(answer.body);
  CAPTURE(document.errors);
  CHECK(document.errors.empty());
  CHECK(document.root.all("script").empty());
  CHECK(document.root.all("i").empty());
  CHECK(document.root.all("title").size() == 1);
  CHECK(document.root.all("main").size() == 1);
}

TEST_CASE("the page links to the very URLs of the list, and to its other forms") {
  const HostileWorld world;
  const std::string url = "/" + net::encode_path(hostile_path());
  const auto page = parse_html(world.ask(url + "?mirrorlist").body);
  const auto data = json_of(world.ask(url + "?format=json"));
  std::vector<std::string> expected;
  for (const auto& mirror : data["mirrors"])
    for (const auto& mirror_url : mirror["urls"]) expected.push_back(mirror_url);
  const auto tables = page.root.all("tbody");
  REQUIRE(tables.size() == 1);
  std::vector<std::string> linked;
  for (const Element* link : tables[0]->all("a")) linked.push_back(link->attribute("href"));
  CHECK(linked == expected);
  CHECK(page.root.all("a").front()->text == expected.front());

  const auto nav = page.root.all("nav");
  REQUIRE(nav.size() == 1);
  for (const Element* link : nav[0]->all("a")) {
    CAPTURE(link->attribute("href"));
    CHECK(world.ask(url + link->attribute("href")).status == 200);
  }
  CHECK(nav[0]->all("a").size() == 4);
  CHECK(page.root.all("code").size() == 4);
}

TEST_CASE("the page of a repository or path links back to it") {
  const HostileWorld world;
  const auto query = GENERATE_COPY(
      values<std::string>({"repo=" + net::encode_component(kHostileRepository) + "&arch=x%2786",
                           "path=" + net::encode_component(hostile_path())}));
  const auto page = parse_html(world.ask("/mirrorlist?format=html&" + query).body);
  const auto expected = world.ask("/mirrorlist?format=text&" + query).body;
  const auto nav = page.root.all("nav");
  REQUIRE(nav.size() == 1);
  CHECK(world.ask("/mirrorlist" + nav[0]->all("a").front()->attribute("href")).body == expected);
}

TEST_CASE("the other forms are of the same list, whatever was asked for beside its name") {
  const HostileWorld world;
  const std::string query = "path=" + net::encode_component(hostile_path()) +
                            "&country=us,au&protocol=http,ftp&ip=2001:db8::7&netblock=0";
  const auto page = parse_html(world.ask("/mirrorlist?format=html&" + query).body);
  const std::string reference = page.root.all("nav").at(0)->all("a").front()->attribute("href");
  CHECK_THAT(reference, Catch::EndsWith("&format=text&country=us%2Cau&protocol=http,ftp&"
                                        "ip=2001%3Adb8%3A%3A7&netblock=0"));
  CHECK(world.ask("/mirrorlist" + reference).body ==
        world.ask("/mirrorlist?format=text&" + query).body);
}

TEST_CASE("a metalink without digests is neither offered nor given") {
  const HostileWorld world;
  const std::string url = "/" + net::encode_path(kHostileDirectory) + "/README";
  const auto page = world.ask(url + "?mirrorlist");
  CHECK_THAT(page.body, !Catch::Contains("Metalink 3"));
  CHECK_THAT(page.body, !Catch::Contains("The file"));
  CHECK(world.ask(url + "?format=metalink").status == 302);
  CHECK(world.ask(url + ".metalink").status == 302);
  CHECK(
      world.ask("/metalink?path=" + net::encode_component(kHostileDirectory) + "/README").status ==
      404);
}

TEST_CASE("JSON gives back the names it was made from") {
  const HostileWorld world;
  const auto data =
      json_of(world.ask("/mirrorlist?format=json&path=" + net::encode_component(hostile_path())));
  CHECK(data["path"] == hostile_path());
  CHECK(data["directory"] == kHostileDirectory);
  CHECK(data["file"] == kHostileName);
  CHECK(data["mirrors"][0]["host"] == kHostileHost);
  CHECK(data["versions"][0]["size"] == UINT64_MAX);
  const auto by_repository =
      json_of(world.ask("/mirrorlist?format=json&repo=latest%20%26%20greatest&arch=x%2786"));
  CHECK(by_repository["repository"] == kHostileRepository);
  CHECK(by_repository["architecture"] == "x'86");
}

TEST_CASE("explain=1 names every public host, and counts the private ones") {
  const HostileWorld world;
  const auto client = GENERATE(values<const char*>(
      {kSydney, kPrivateNetwork, kResearchNetwork, kAustralia, "192.0.2.1", "2001:db8:1::1"}));
  CAPTURE(client);
  const auto data = json_of(world.ask("/mirrorlist?explain=1&repo=os&arch=x86_64", client));
  std::multiset<std::string> named;
  std::size_t named_private = 0;
  for (const char* list : {"mirrors", "dropped"}) {
    for (const auto& host : data[list]) {
      named.insert(host["host"].get<std::string>());
      const bool is_private = host["host"].get<std::string>().find("hidden") == 0;
      named_private += is_private ? 1 : 0;
      if (is_private) CHECK(std::string(list) == "mirrors");
    }
  }
  CHECK(named.size() + data["dropped_private"].get<std::size_t>() == world.image().hosts().size());
  CHECK(std::set(named.begin(), named.end()).size() == named.size());
  CHECK(named_private + data["dropped_private"].get<std::size_t>() == 2);
}
