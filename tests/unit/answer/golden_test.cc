// Every form of answer as it goes to the client, byte for byte, in golden/. To write these files
// anew run unit_answer with MIRRORWAY_WRITE_GOLDEN=1 in the environment, and read what has changed.

#include "tests/support/golden.h"

#include <filesystem>
#include <set>

#include <catch2/catch.hpp>

#include "common/net/url.h"
#include "tests/support/paths.h"
#include "tests/unit/answer/hostile_world.h"

using namespace mirrorway;
using namespace mirrorway::tests;

namespace {

constexpr const char* kFolder = "tests/unit/answer/golden";

struct Case {
  std::string file;
  std::string target;
  std::string client = kSydney;
  std::vector<std::string_view> accept = {};
};

// The request, the answer's head, its body. Not quite HTTP: lines end in LF, and neither date nor
// length is in it.
std::string transcript(const HostileWorld& world, const Case& c) {
  const http::Answer answer = world.ask(c.target, c.client, c.accept);
  std::string text = fmt::format("GET {}\nX-Client: {}\n", c.target, c.client);
  for (const std::string_view value : c.accept) text += fmt::format("Accept: {}\n", value);
  text += fmt::format("\n{} {}\nContent-Type: {}\n", answer.status,
                      http::reason_phrase(answer.status), answer.content_type);
  for (const http::Header& header : answer.headers)
    text += fmt::format("{}: {}\n", header.name, header.value);
  return text + '\n' + answer.body;
}

std::vector<Case> cases() {
  const std::string repository = "repo=os&arch=x86_64";
  const std::string odd_repository =
      "repo=" + net::encode_component(kHostileRepository) + "&arch=x%2786";
  const std::string odd_path =
      net::encode_component(std::string(kHostileDirectory) + "/" + kHostileName);
  const std::string odd_url =
      "/" + net::encode_path(std::string(kHostileDirectory) + "/" + kHostileName);
  const std::string odd_directory = "/" + net::encode_path(kHostileDirectory);
  const std::string no_net = "&country=US";
  return {
      {"mirrorlist", "/mirrorlist?" + repository + "&time"},
      {"mirrorlist_hostile_repository", "/mirrorlist?" + odd_repository},
      {"mirrorlist_hostile_file", "/mirrorlist?path=" + odd_path},
      {"mirrorlist_alias_and_redirect", "/list/latest%20%26%20greatest"},
      {"mirrorlist_protocols", "/mirrorlist?" + repository + "&protocol=rsync,http"},
      {"mirrorlist_private", "/mirrorlist?" + repository, kPrivateNetwork},
      {"mirrorlist_private_ipv6", "/mirrorlist?" + repository, "2001:db8:1::9"},
      {"mirrorlist_research", "/mirrorlist?" + repository, kResearchNetwork},
      {"mirrorlist_without_city", "/mirrorlist?" + repository, kAustralia},
      {"mirrorlist_nobody_knows_the_client", "/mirrorlist?" + repository, "192.0.2.1"},
      {"mirrorlist_country", "/mirrorlist?" + repository + "&country=nZ"},
      {"mirrorlist_country_given_up", "/mirrorlist?" + repository + "&country=ZA,br"},
      {"mirrorlist_country_global", "/mirrorlist?" + repository + "&country=global"},
      {"mirrorlist_no_mirror", "/mirrorlist?path=pub/linux/partial"},
      {"mirrorlist_disabled", "/mirrorlist?repo=r%26d%20%22%3Cx%3E%22%20100%25+&arch=z%2780"},
      {"pacman", "/mirrorlist?format=pacman&" + repository},
      {"pacman_hostile", "/mirrorlist?format=pacman&path=" + odd_path},
      {"apt", "/mirrorlist?format=apt&" + repository},
      {"apt_hostile", "/mirrorlist?format=apt&path=" + odd_path},
      {"metalink", "/metalink?" + repository},
      {"metalink_private", "/metalink?" + repository, kPrivateNetwork},
      {"metalink_hostile", "/metalink?path=" + odd_path},
      {"metalink_https_only", "/metalink?protocol=https&" + repository},
      {"metalink_ending", "/pub/linux/os/repodata/repomd.xml.metalink"},
      {"metalink_no_digest",
       "/metalink?path=" + net::encode_component(std::string(kHostileDirectory) + "/README")},
      {"metalink4", "/metalink?format=meta4&" + repository},
      {"metalink4_hostile", odd_url + ".meta4"},
      {"metalink4_negotiated", odd_url, kSydney, {"*/*, application/metalink4+xml"}},
      {"metalink4_unknown_file", odd_directory + "/unknown.iso.meta4"},
      {"json", "/mirrorlist?format=json&" + repository},
      {"json_hostile", "/mirrorlist?path=" + odd_path, kSydney, {"application/json"}},
      {"json_explain", "/mirrorlist?explain=1&" + repository},
      {"json_explain_private", "/mirrorlist?explain=1&" + repository, kPrivateNetwork},
      {"json_explain_country", "/mirrorlist?explain=1&" + repository + no_net},
      {"json_no_mirror", "/mirrorlist?format=json&path=pub/linux/partial"},
      {"page", "/mirrorlist?format=html&" + repository},
      {"page_hostile_file", odd_url + "?mirrorlist", kSydney, {"text/html"}},
      {"page_hostile_repository", "/mirrorlist?format=html&" + odd_repository},
      {"page_private", "/mirrorlist?format=html&" + repository, kPrivateNetwork},
      {"page_no_mirror", "/mirrorlist?format=html&path=pub/linux/partial"},
      {"redirect", "/mirrorlist?redirect=1&" + repository},
      {"redirect_hostile_file", odd_url},
      {"redirect_unknown_file", odd_directory + "/unknown.iso"},
      {"redirect_directory", odd_directory + "/"},
      {"redirect_ftp_wanted", "/mirrorlist?redirect=1&protocol=ftp&" + repository},
      {"redirect_really_a_digest_file", odd_directory + "/disc.iso.md5"},
      {"redirect_unknown_digest", odd_directory + "/disc.iso.sha512"},
      {"digest_md5", odd_url + ".md5"},
      {"digest_sha1", odd_url + ".sha1"},
      {"digest_sha256", odd_directory + "/disc.iso.sha256"},
      {"digest_sha512", odd_url + ".sha512"},
      {"miss_repository", "/mirrorlist?repo=oss&arch=x86_64"},
      {"miss_path", "/mirrorlist?path=pub/lynux/os/x"},
      {"miss_hostile_json",
       "/mirrorlist?format=json&repo=" + net::encode_component(kHostileName) + "&arch=%22%27%3C"},
      {"miss_hostile_metalink",
       "/metalink?repo=" + net::encode_component(kHostileName) + "&arch=--%3E%3Cb%3E-"},
      {"miss_hostile_metalink4", "/metalink?format=meta4&path=--%3E%3Cb%3E%26--/---"},
      {"miss_hostile_page",
       "/mirrorlist?format=html&path=%3Cscript%3Ealert(1)%3C%2Fscript%3E%26%22"},
      {"miss_metalink_without_details", "/metalink?" + odd_repository},
      {"disabled_page", "/mirrorlist?format=html&repo=r%26d%20%22%3Cx%3E%22%20100%25+&arch=z%2780"},
      {"bad_country", "/mirrorlist?" + repository + "&country=%3Cb%3E%22"},
      {"bad_ip_metalink", "/metalink?" + repository + "&ip=--%3E"},
      {"bad_protocol_page",
       "/mirrorlist?" + repository + "&protocol=%3Cb%3E",
       kSydney,
       {"text/html"}},
      {"bad_path_json", "/mirrorlist?format=json&path=a/..%2Fb"},
      {"nothing_here", "/elsewhere"},
  };
}

}  // namespace

TEST_CASE("every form of answer is as its golden file has it") {
  const HostileWorld world;
  std::set<std::string> names;
  for (const Case& c : cases()) {
    CAPTURE(c.file);
    REQUIRE(names.insert(c.file).second);
    check_golden(kFolder, c.file, transcript(world, c));
  }
  for (const auto& entry : std::filesystem::directory_iterator(tests::in_source(kFolder))) {
    CAPTURE(entry.path());
    CHECK(names.count(entry.path().filename().string()) == 1);
  }
}
