#include "common/http/lookup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <catch2/catch.hpp>

using namespace mirrorway;
using namespace mirrorway::http;

namespace {

constexpr const char* kClient = "192.0.2.1";

// What the server would be asked, in one line; or the error.
std::string lookup(std::string_view target, const char* client = kClient) {
  const auto parsed = parse_lookup(target, *net::Address::parse(client));
  if (const auto* problem = std::get_if<Problem>(&parsed))
    return fmt::format("{} {}", problem->status, problem->text);
  const auto& request = std::get<proto::LookupRequest>(parsed);
  std::string text = request.repository().empty()
                         ? fmt::format("path={}", request.path())
                         : fmt::format("{}.{}", request.repository(), request.architecture());
  if (request.form() == proto::REDIRECT) text += " redirect";
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
  }));
  CAPTURE(row.target);
  CHECK(lookup(row.target) == row.expected);
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
      {"/metalink?repo=a&arch=b", "404 \"/metalink\" is not here"},
      {"/mirrorlist/x?path=a", "404 "},
      {"/a%0d%0ab", "404 \"/a%0d%0ab\" is not here"},
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
