// Metalinks read back by another's parser: nothing may be lost or changed on the way.

#include <catch2/catch.hpp>

#include "common/answer/lookup.h"
#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/net/url.h"
#include "tests/support/world.h"
#include "tests/support/xml.h"
#include "tests/unit/answer/hostile_world.h"

using namespace mirrorway;
using namespace mirrorway::tests;

namespace {

struct File {
  std::string directory;
  std::string name;
};

const std::vector<File>& files() {
  static const std::vector<File> kFiles{{"pub/linux/os/repodata", "repomd.xml"},
                                        {kHostileDirectory, kHostileName},
                                        {kHostileDirectory, "disc.iso"}};
  return kFiles;
}

std::string url_of(const File& file) {
  return "/" + net::encode_path(file.directory + "/" + file.name);
}

// What XML cannot hold: U+FFFE, byte by byte.
std::string as_in_xml(std::string text) {
  const std::size_t at = text.find("\xEF\xBF\xBE");
  if (at != std::string::npos) text.replace(at, 3, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  return text;
}

// The tail of a URL, decoded.
std::string path_below_base(const std::string& url) {
  const auto decoded = net::decode_percent(url);
  REQUIRE(decoded);
  const std::size_t at = decoded->find("/R&D");
  return at == std::string::npos ? "" : decoded->substr(at + 1);
}

using Hashes = std::map<std::string, std::string>;

Hashes known_hashes(const proto::FileVersion& version, const std::vector<const char*>& names) {
  Hashes hashes;
  const std::vector<const std::string*> digests{&version.md5(), &version.sha1(), &version.sha256(),
                                                &version.sha512()};
  for (std::size_t i = 0; i < digests.size(); ++i)
    if (!digests[i]->empty()) hashes[names[i]] = base::to_hex(*digests[i]);
  return hashes;
}

Hashes hashes_in(const Element& element) {
  Hashes hashes;
  for (const Element& child : element.children)
    if (child.name == "hash") hashes[child.attribute("type")] = child.text;
  return hashes;
}

std::string text_of(const Element& element, std::string_view name) {
  const Element* const child = element.child(name);
  return child == nullptr ? "" : child->text;
}

void check_version_3(const Element& element, const proto::FileVersion& version) {
  CHECK(text_of(element, "mm0:timestamp") ==
        (version.timestamp() == 0 ? "" : std::to_string(version.timestamp())));
  CHECK(text_of(element, "size") == (version.size() == 0 ? "" : std::to_string(version.size())));
  REQUIRE(element.child("verification") != nullptr);
  CHECK(hashes_in(*element.child("verification")) ==
        known_hashes(version, {"md5", "sha1", "sha256", "sha512"}));
}

// The URLs of the answer in JSON's place: one line each, as the list of all schemes has them.
std::vector<std::string> listed_urls(const HostileWorld& world, const File& file,
                                     const char* protocols) {
  const auto list = world.ask(
      "/mirrorlist?path=" + net::encode_component(file.directory + "/" + file.name) + protocols);
  std::vector<std::string> urls;
  for (const std::string_view line : base::split(list.body, '\n'))
    if (!line.empty() && line.front() != '#') urls.emplace_back(line);
  return urls;
}

}  // namespace

TEST_CASE("a metalink of version 3 says what the snapshot says") {
  const HostileWorld world;
  for (const File& file : files()) {
    CAPTURE(file.name);
    const auto answer = world.ask(url_of(file) + ".metalink");
    CHECK(answer.content_type == "application/metalink+xml");
    const auto document = parse_xml(answer.body);
    REQUIRE(document);
    CHECK(document->name == "metalink");
    CHECK(document->name_space == "http://www.metalinker.org/");
    CHECK(document->attribute("version") == "3.0");
    const auto found = document->all("file");
    REQUIRE(found.size() == 1);
    CHECK(found[0]->attribute("name") == as_in_xml(file.name));

    const auto& versions = world.file(file.directory, file.name)->versions();
    check_version_3(*found[0], versions[0]);
    const auto alternates = found[0]->all("mm0:alternate");
    REQUIRE(alternates.size() == static_cast<std::size_t>(versions.size() - 1));
    for (std::size_t i = 0; i < alternates.size(); ++i) {
      CHECK(alternates[i]->name_space == "http://fedorahosted.org/mirrormanager");
      check_version_3(*alternates[i], versions[static_cast<int>(i) + 1]);
    }
  }
}

TEST_CASE("the URLs of a metalink are those of the list, the best first") {
  const HostileWorld world;
  for (const File& file : files()) {
    CAPTURE(file.name);
    const auto document = parse_xml(world.ask(url_of(file) + ".metalink").body);
    REQUIRE(document);
    std::vector<std::string> urls;
    int last_preference = 101;
    for (const Element* url : document->all("url")) {
      urls.push_back(url->text);
      const auto scheme = net::scheme_of(url->text);
      REQUIRE(scheme);
      CHECK(url->attribute("protocol") == net::scheme_name(*scheme));
      CHECK(url->attribute("type") == net::scheme_name(*scheme));
      const int preference = std::stoi(url->attribute("preference"));
      CHECK(preference <= last_preference);
      CHECK(preference >= 1);
      last_preference = preference;
      if (file.directory == kHostileDirectory)
        CHECK(path_below_base(url->text) ==
              file.directory.substr(std::string("pub/linux/").size()) + "/" + file.name);
    }
    CHECK(urls == listed_urls(world, file, "&protocol=https,http,ftp,rsync"));
  }
}

TEST_CASE("a metalink marks private mirrors") {
  const HostileWorld world;
  const auto document = parse_xml(world.ask("/metalink?repo=os&arch=x86_64", kPrivateNetwork).body);
  REQUIRE(document);
  for (const Element* url : document->all("url")) {
    CAPTURE(url->text);
    CHECK(url->attribute("mm0:private") ==
          (url->text.find("hidden-1") == std::string::npos ? "" : "True"));
  }
}

TEST_CASE("past a hundred hosts the preference of a metalink stays at 1") {
  Network network;
  for (int i = 0; i < 130; ++i) network.add_host(fmt::format("h{}.example", i), "DE");
  auto snapshot = network.snapshot();
  auto& file = *snapshot.mutable_directories(1)->add_files();
  file.set_name("repomd.xml");
  file.add_versions()->set_sha256(std::string(32, 'x'));
  const World w(snapshot);
  proto::LookupRequest request;
  request.set_form(proto::METALINK);
  request.set_repository("os");
  request.set_architecture("x86_64");
  request.set_client_address(std::string(address("192.0.2.1").bytes()));
  const auto response =
      answer::answer_lookup(w.image(), {}, selection::Policy{10, 1000}, request, kNow);
  const auto document = parse_xml(response.body());
  REQUIRE(document);
  std::vector<int> preferences;
  for (const Element* url : document->all("url"))
    preferences.push_back(std::stoi(url->attribute("preference")));
  REQUIRE(preferences.size() == 260);
  for (std::size_t i = 0; i < preferences.size(); ++i)
    CHECK(preferences[i] == std::max(1, 100 - static_cast<int>(i / 2)));
}

TEST_CASE("a metalink of version 4 says what the snapshot says") {
  const HostileWorld world;
  for (const File& file : files()) {
    CAPTURE(file.name);
    const auto answer = world.ask(url_of(file) + ".meta4");
    CHECK(answer.content_type == "application/metalink4+xml");
    const auto document = parse_xml(answer.body);
    REQUIRE(document);
    CHECK(document->name == "metalink");
    CHECK(document->name_space == "urn:ietf:params:xml:ns:metalink");
    CHECK(text_of(*document, "published") == "2023-11-14T22:13:20Z");
    const auto found = document->all("file");
    REQUIRE(found.size() == 1);
    CHECK(found[0]->attribute("name") == as_in_xml(file.name));
    const auto& version = world.file(file.directory, file.name)->versions(0);
    CHECK(text_of(*found[0], "size") == std::to_string(version.size()));
    CHECK(hashes_in(*found[0]) == known_hashes(version, {"md5", "sha-1", "sha-256", "sha-512"}));

    std::vector<std::string> urls;
    int last_priority = 0;
    for (const Element* url : found[0]->all("url")) {
      urls.push_back(url->text);
      const int priority = std::stoi(url->attribute("priority"));
      CHECK(priority >= last_priority);
      CHECK(priority <= last_priority + 1);
      last_priority = priority;
    }
    CHECK(urls == listed_urls(world, file, "&protocol=https,http,ftp"));
  }
}

TEST_CASE("an error in a metalink's place is a well-formed metalink without files") {
  const std::string name = net::encode_component(kHostileName);
  const auto target = GENERATE_COPY(values<std::string>({
      "/metalink?repo=" + name + "&arch=--%3E%3Cb%3E-",
      "/metalink?path=" + name,
      "/metalink?path=--%3E%3C%21--%26amp%3B%3C%2Fmetalink%3E-",
      "/metalink?format=meta4&path=" + name + "-",
      "/metalink?format=meta4&repo=x&arch=y&country=--%3E",
      "/metalink?repo=r%26d%20%22%3Cx%3E%22%20100%25+&arch=z%2780",
      "/metalink?repo=os&arch=x86_64&ip=%FF%3C--%3E",
      "/metalink?repo=os",
  }));
  CAPTURE(target);
  const auto answer = HostileWorld().ask(target);
  CHECK(answer.status >= 400);
  const auto document = parse_xml(answer.body);
  REQUIRE(document);
  CHECK(document->name == "metalink");
  CHECK(document->children.empty());
}
