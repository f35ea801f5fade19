#include "common/http/lookup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include <catch2/catch.hpp>

using namespace mirrorway;
using namespace mirrorway::http;

namespace {

constexpr const char* kClient = "192.0.2.1";

Routes routes() {
  Routes routes;
  routes.file_prefixes = {"/pub/"};
  for (const char* text : {"/mirrorlist/{version}/{repo}=repo={repo}-{version}",
                           "/{repo}/{arch}/metalink=repo={repo}&arch={arch}&netblock=0",
                           "/isos/{arch}=path=isos/{arch}"})
    routes.aliases.push_back(*Alias::parse(text, parameter_names()));
  return routes;
}

ParsedLookup parse(std::string_view target, std::string_view accept = {},
                   const char* client = kClient) {
  return parse_lookup(routes(), target, std::array{accept}, *net::Address::parse(client));
}

// What the server would be asked, in one line; or the error.
std::string lookup(std::string_view target, const char* client = kClient,
                   std::string_view accept = {}) {
  const auto parsed = parse(target, accept, client).result;
  if (const auto* problem = std::get_if<Problem>(&parsed))
    return fmt::format("{} {}", problem->status, problem->text);
  const auto& request = std::get<proto::LookupRequest>(parsed);
  std::string text = request.repository().empty()
                         ? fmt::format("path={}", request.path())
                         : fmt::format("{}.{}", request.repository(), request.architecture());
  if (request.form() == proto::REDIRECT) {
    text += " redirect";
  } else if (request.form() != proto::MIRRORLIST) {
    text += " " + proto::Form_Name(request.form());
  }
  if (!request.ending().empty()) text += " ending=" + request.ending();
  if (!request.url_path().empty()) text += " at=" + request.url_path();
  if (request.explain()) text += " explain";
  for (const std::string& country : request.countries()) text += " country=" + country;
  for (const int scheme : request.schemes())
    text += " scheme=" + proto::Scheme_Name(static_cast<proto::Scheme>(scheme));
  if (request.skip_networks()) text += " skip_networks";
  if (request.show_catalog_time()) text += " time";
  const auto address = *net::Address::from_bytes(request.client_address());
  if (address.text() != kClient) text += " for=" + address.text();
  return text;
}

struct Row {
  std::string target;
  const char* expected;
};

}  // namespace

TEST_CASE("requests are understood") {
  const auto row = GENERATE(values<Row>({
      {"/mirrorlist?repo=fedora-40&arch=x86_64", "fedora-40.x86_64"},
      {"/mirrorlist?arch=x86_64&repo=fedora-40&countme=1", "fedora-40.x86_64"},
      {"/some/prefix/mirrorlist?repo=a&arch=b", "a.b"},
      {"http://mirrors.example:8080/mirrorlist?repo=a&arch=b", "a.b"},
      {"/mirrorlist?path=pub/fedora", "path=pub/fedora"},
      {"/mirrorlist?path=//pub//fedora/", "path=pub/fedora"},
      {"/mirrorlist?path=pub%2Ffedora", "path=pub/fedora"},
      {"/mirrorlist?path=pub/libstdc++.rpm", "path=pub/libstdc++.rpm"},
      {"/mirrorlist?path=/", "path="},
      {"/mirrorlist?path=pub&repo=a&arch=b", "path=pub"},
      {"/mirrorlist?path=&repo=a&arch=b", "a.b"},
      {"/mirrorlist?path=a&redirect=1", "path=a redirect"},
      {"/mirrorlist?path=a&redirect", "path=a redirect"},
      {"/mirrorlist?path=a&time", "path=a time"},
      {"/mirrorlist?path=a&netblock=0", "path=a skip_networks"},
      {"/mirrorlist?path=a&netblock=1", "path=a"},
      {"/mirrorlist?path=a&country=us,Ca,GLOBAL", "path=a country=us country=Ca country=GLOBAL"},
      {"/mirrorlist?path=a&country=", "path=a"},
      {"/mirrorlist?path=a&protocol=http,HTTPS,http", "path=a scheme=HTTP scheme=HTTPS"},
      {"/mirrorlist?path=a&protocol=rsync,ftp", "path=a scheme=RSYNC scheme=FTP"},
      {"/mirrorlist?path=a&ip=2001:db8::7", "path=a for=2001:db8::7"},
      {"/mirrorlist?path=a&ip=2001%3Adb8%3A%3A7", "path=a for=2001:db8::7"},
      {"/mirrorlist?path=a&ip=::ffff:198.51.100.1", "path=a for=198.51.100.1"},
      {"/mirrorlist?path=a&ip=2002:c633:6401::1", "path=a for=198.51.100.1"},
      {"/metalink?repo=a&arch=b", "a.b METALINK"},
      {"/x/metalink?path=a/b", "path=a/b METALINK"},
      {"/metalink?path=a/b&redirect=1", "path=a/b METALINK"},
      {"/mirrorlist?path=a&format=text", "path=a"},
      {"/mirrorlist?path=a&format=json", "path=a JSON"},
      {"/metalink?path=a&format=meta4", "path=a METALINK4"},
      {"/mirrorlist?path=a&format=pacman", "path=a PACMAN"},
      {"/mirrorlist?path=a&format=apt&redirect=1", "path=a APT"},
      {"/mirrorlist?path=a&format=html", "path=a HTML"},
      {"/mirrorlist?path=a&explain=1", "path=a JSON explain"},
      {"/mirrorlist?path=a&format=json&explain=0", "path=a JSON"},
      {"/mirrorlist?path=a&explain=0", "path=a"},
  }));
  CAPTURE(row.target);
  CHECK(lookup(row.target) == row.expected);
}

TEST_CASE("files and directories have URLs of their own below the prefixes") {
  const auto row = GENERATE(values<Row>({
      {"/pub/linux/a.iso", "path=pub/linux/a.iso redirect at=/pub/linux/a.iso"},
      {"/pub//linux/", "path=pub/linux redirect at=/pub/linux"},
      {"/pub/a%20b%25%23%3F+%22%C3%A9", "path=pub/a b%#?+\"é redirect at=/pub/a b%#?+\"é"},
      {"/pub/a.iso.meta4", "path=pub/a.iso METALINK4 ending=.meta4 at=/pub/a.iso"},
      {"/pub/a.iso.metalink", "path=pub/a.iso METALINK ending=.metalink at=/pub/a.iso"},
      {"/pub/a.iso.sha256", "path=pub/a.iso SHA256 ending=.sha256 at=/pub/a.iso"},
      {"/pub/a.iso.sha512", "path=pub/a.iso SHA512 ending=.sha512 at=/pub/a.iso"},
      {"/pub/a.iso.sha1", "path=pub/a.iso SHA1 ending=.sha1 at=/pub/a.iso"},
      {"/pub/a.iso.md5", "path=pub/a.iso MD5 ending=.md5 at=/pub/a.iso"},
      {"/pub/.md5", "path=pub/.md5 redirect at=/pub/.md5"},
      {"/pub/a.md5?format=", "path=pub/a MD5 ending=.md5 at=/pub/a"},
      {"/pub/a.md5?explain=1", "path=pub/a.md5 JSON at=/pub/a.md5 explain"},
      {"/pub/a.md5?mirrorlist", "path=pub/a.md5 HTML at=/pub/a.md5"},
      {"/pub/a.md5?mirrorlist&format=text", "path=pub/a.md5 at=/pub/a.md5"},
      {"/pub/a?format=json", "path=pub/a JSON at=/pub/a"},
      {"/pub/a?country=us&ip=192.0.2.2&repo=x",
       "path=pub/a redirect at=/pub/a country=us for=192.0.2.2"},
      {"/pub/mirrorlist?repo=a&arch=b", "path=pub/mirrorlist redirect at=/pub/mirrorlist"},
      {"/pub/a/../b", "400 path \"/pub/a/../b\" has a segment \"..\""},
      {"/pub/a%2f..%2fb", "400 path \"/pub/a/../b\" has a segment \"..\""},
      {"/pub/a%00b", "400 path \"/pub/a\\x00b\" has control characters"},
      {"/pub/a%zz", "400 \"/pub/a%zz\": % without two hexadecimal digits"},
      {"/publ/a", "404 \"/publ/a\" is not here"},
  }));
  CAPTURE(row.target);
  CHECK_THAT(lookup(row.target), Catch::StartsWith(row.expected));
}

TEST_CASE("a file whose whole name is an ending is that file, wherever it is") {
  const Routes everything{{"/"}, {}};
  const auto parsed = parse_lookup(everything, "/.md5", {}, *net::Address::parse(kClient)).result;
  CHECK(std::get<proto::LookupRequest>(parsed).path() == ".md5");
}

TEST_CASE("aliases are other spellings of the same questions") {
  const auto row = GENERATE(values<Row>({
      {"/mirrorlist/9/baseos", "baseos-9.$basearch"},
      {"/mirrorlist/9/baseos?arch=x86_64", "baseos-9.x86_64"},
      {"/mirrorlist/9/base%2Dos", "base-os-9.$basearch"},
      {"/mirrorlist/9/baseos?repo=other&format=json", "baseos-9.$basearch JSON"},
      {"/os/x86_64/metalink", "os.x86_64 METALINK skip_networks"},
      {"/isos/x86_64", "path=isos/x86_64"},
      {"/mirrorlist/9/", "404 "},
      {"/mirrorlist/9/a/b", "404 "},
      {"/mirrorlist/9", "404 "},
      {"/isos/..", "400 path \"isos/..\" has a segment"},
      // These names came as far as the server's frame, which cannot hold them.
      {"/mirrorlist/9/%FF",
       "400 path \"/mirrorlist/9/\\xff\" has control characters or is no UTF-8"},
      {"/mirrorlist/9/a%0Ab", "400 path \"/mirrorlist/9/a\\x0ab\" has control characters"},
  }));
  CAPTURE(row.target);
  CHECK_THAT(lookup(row.target), Catch::StartsWith(row.expected));
}

TEST_CASE("where everything is a file, lists still are lists") {
  const Routes everything{{"/"}, {}};
  const auto path_of = [&](std::string_view target) {
    const auto parsed = parse_lookup(everything, target, {}, *net::Address::parse(kClient)).result;
    const auto& request = std::get<proto::LookupRequest>(parsed);
    return request.url_path() + "|" + request.repository();
  };
  CHECK(path_of("/linux/a.iso") == "/linux/a.iso|");
  CHECK(path_of("/mirrorlist?repo=a&arch=b") == "|a");
  CHECK(path_of("/x/metalink?repo=a&arch=b") == "|a");
}

TEST_CASE("an Accept header counts where it names a type") {
  struct Wish {
    const char* target;
    const char* accept;
    proto::Form form;
  };
  const char* const list = "/mirrorlist?path=a";
  const char* const file = "/pub/a";
  const char* const browser =
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8";
  const char* const aria2 = "*/*,application/metalink4+xml,application/metalink+xml";
  const auto row = GENERATE_COPY(values<Wish>({
      {list, "", proto::MIRRORLIST},
      {list, "*/*", proto::MIRRORLIST},
      {list, "text/*", proto::MIRRORLIST},
      {list, browser, proto::HTML},
      {list, "Text/HTML", proto::HTML},
      {list, "application/json", proto::JSON},
      {list, "application/json;q=0.5, text/html;q=0.7", proto::HTML},
      {list, "application/json;q=0", proto::MIRRORLIST},
      {list, "text/plain, text/html", proto::MIRRORLIST},
      {list, "text/html;q=x", proto::MIRRORLIST},
      {list, "text/html ; level=1 ; q=0.3", proto::HTML},
      {list, aria2, proto::MIRRORLIST},
      {file, browser, proto::REDIRECT},
      {file, aria2, proto::METALINK4},
      {file, "application/metalink+xml", proto::METALINK},
      {file, "application/json", proto::JSON},
      {file, "text/*", proto::REDIRECT},
      {"/pub/a?mirrorlist", browser, proto::HTML},
      {"/pub/a?mirrorlist", "*/*", proto::HTML},
      {"/pub/a?mirrorlist", "text/plain", proto::MIRRORLIST},
      {"/metalink?path=a", browser, proto::METALINK},
      {"/metalink?path=a", aria2, proto::METALINK},
      {"/metalink?path=a", "application/json", proto::JSON},
      {"/mirrorlist?path=a&redirect=1", browser, proto::REDIRECT},
      {"/mirrorlist?path=a&format=text", browser, proto::MIRRORLIST},
  }));
  CAPTURE(row.target, row.accept);
  const auto parsed = parse(row.target, row.accept);
  CHECK(proto::Form_Name(parsed.form) == proto::Form_Name(row.form));
  CHECK(parsed.is_negotiated == (std::string(row.target).find("format=") == std::string::npos));
}

TEST_CASE("a metalink of a file has a name to be kept under") {
  const auto row = GENERATE(values<Row>({
      {"/pub/linux/a%20b.iso.meta4", "a b.iso.meta4"},
      {"/metalink?path=/pub/linux/a.iso", "a.iso.metalink"},
      {"/pub/linux/a.iso?mirrorlist&format=meta4", "a.iso.meta4"},
      {"/metalink?repo=core&arch=x86_64", ""},
      {"/pub/linux/a.iso", ""},
      {"/pub/linux/a.iso?mirrorlist", ""},
  }));
  CAPTURE(row.target);
  CHECK(document_name(std::get<proto::LookupRequest>(parse(row.target).result)) == row.expected);
}

TEST_CASE("an error is told in the form that was asked for") {
  CHECK(parse("/metalink?path=..").form == proto::METALINK);
  CHECK(parse("/metalink?path=a&path=b").form == proto::METALINK);
  CHECK(parse("/mirrorlist?path=a/..&format=json").form == proto::JSON);
  CHECK(parse("/mirrorlist?path=..", "text/html").form == proto::HTML);
  CHECK(parse("/mirrorlist?path=a&path=b&format=json").form == proto::JSON);
  CHECK(parse("/mirrorlist?path=%zz&format=meta4").form == proto::METALINK4);
  CHECK(parse("/pub/a%00b?format=json").form == proto::JSON);
  const auto negotiated = parse("/mirrorlist?path=a&format=jason", "application/json");
  CHECK(negotiated.form == proto::JSON);
  CHECK(negotiated.is_negotiated);
  CHECK(parse("/mirrorlist?path=a&format=jason").form == proto::MIRRORLIST);
  CHECK_THAT(lookup("/mirrorlist?path=a&format=jason"),
             Catch::StartsWith("400 parameter format: \"jason\" is none of text,"));
}

TEST_CASE("an alias that cannot work is refused") {
  struct Alias {
    const char* text;
    const char* reason;
  };
  const auto row = GENERATE(values<Alias>({
      {"mirrorlist={a}", "is no alias"},
      {"/a", "is no alias"},
      {"/{a}=repo={b}", "the path has no {b}"},
      {"/{a}=repo={a", "a brace too many or too few"},
      {"/x{a}=repo={a}", "stands for one whole segment"},
      {"/{a}=rebo={a}", "there is no parameter \"rebo\""},
  }));
  CAPTURE(row.text);
  const auto alias = http::Alias::parse(row.text, parameter_names());
  REQUIRE_FALSE(alias);
  CHECK_THAT(alias.reason(), Catch::Contains(row.reason));
}

TEST_CASE("the client's address is taken out of tunnels") {
  CHECK(lookup("/mirrorlist?path=a", "::ffff:198.51.100.1") == "path=a for=198.51.100.1");
  CHECK(lookup("/mirrorlist?path=a", "2002:c633:6401::1") == "path=a for=198.51.100.1");
}

TEST_CASE("requests that cannot be understood are answered with one line that says why") {
  const auto row = GENERATE(values<Row>({
      {"/mirrorlist", "400 either path=, or repo= and arch= must be given"},
      {"/mirrorlist?repo=a", "400 either path="},
      {"/mirrorlist?arch=a", "400 either path="},
      {"/mirrorlist?repo=&arch=", "400 either path="},
      {"/mirrorlist?path=", "400 either path="},
      {"/mirrorlist?repo=a&arch=b&arch=c", "400 parameter arch is given twice"},
      {"/mirrorlist?path=a/../b", "400 path \"a/../b\" has a segment \"..\""},
      {"/mirrorlist?path=./a", "400 path \"./a\" has a segment \".\""},
      {"/mirrorlist?path=a%00b", "400 parameter path: \"a\\x00b\" has control characters"},
      {"/mirrorlist?path=a%2f..", "400 path \"a/..\" has a segment"},
      {"/mirrorlist?path=a&country=usa", "400 parameter country: \"usa\" is neither"},
      {"/mirrorlist?path=a&country=us,", "400 parameter country: \"\" is neither"},
      {"/mirrorlist?path=a&country=<b>%22", "400 parameter country: \"<b>\\x22\" is neither"},
      {"/mirrorlist?path=a&ip=1.2.3", "400 parameter ip: \"1.2.3\" is no IPv4 or IPv6 address"},
      {"/mirrorlist?path=a&ip=", "400 parameter ip: \"\" is no IPv4 or IPv6 address"},
      {"/mirrorlist?path=a&protocol=gopher", "400 parameter protocol: \"gopher\" is none of"},
      {"/mirrorlist?path=a&protocol=", "400 parameter protocol: \"\" is none of"},
      {"/", "404 \"/\" is not here; /mirrorlist?repo=…&arch=… and /mirrorlist?path=… are"},
      {"/mirrorlist/x?path=a", "404 "},
      {"/a%0d%0ab", "404 \"/a\\x0d\\x0ab\" is not here"},
      {"http://mirrors.example", "404 \"\" is not here"},
      {"*", "404 "},
      {"", "404 "},
      {"/mirrorlist?path=" + std::string(kMaxTargetBytes, 'a'), "414 the request target has 8209"},
      {"/mirrorlist?path=" + std::string(5000, 'a'), "400 path of 5000 bytes"},
  }));
  CAPTURE(row.target);
  CHECK_THAT(lookup(row.target), Catch::StartsWith(row.expected));
}

TEST_CASE("a list of more countries than there are is refused") {
  std::string target = "/mirrorlist?path=a&country=us";
  for (int i = 0; i < 300; ++i) target += ",us";
  CHECK_THAT(lookup(target), Catch::StartsWith("400 parameter country has 301 countries"));
}
