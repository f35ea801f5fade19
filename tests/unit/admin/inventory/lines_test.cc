#include "admin/inventory/lines.h"

#include <catch2/catch.hpp>

using namespace mirrorway;
using admin::parse_inventory_line;

namespace {

// A good line with one more member.
std::string with(const std::string& member) {
  return R"({"name": "m1.example", "site": "Example", "urls": {"https": "https://m1.example/"})" +
         std::string(member.empty() ? "" : ", ") + member + "}";
}

std::string with_urls(const std::string& urls) {
  return R"({"name": "m1.example", "site": "Example", "urls": )" + urls + "}";
}

std::string joined(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, "; "));
}

}  // namespace

TEST_CASE("a full line gives all that it states") {
  const auto mirror = parse_inventory_line(
      R"({"name": " m1.example ", "site": "Exämple", "sponsor_url": "https://www.example",
          "country": "de", "state_province": null, "city": "Köln",
          "urls": {"http": "http://M1.example:80/a/", "https": "https://m1.example/a",
                   "rsync": "rsync://m1.example/a"},
          "modules": {"next": {"https": "https://m1.example/next/"}},
          "asn": [3320, 680, 680], "subnets": ["192.0.2.0/24", "2001:db8::/32"],
          "private": true, "monopoly": true, "update_frequency": "3h", "new_key": [1]})");
  CAPTURE(mirror.reason());
  REQUIRE(mirror);
  CHECK(mirror->name == "m1.example");
  CHECK(mirror->site == "Exämple");
  CHECK(mirror->site_url == "https://www.example");
  CHECK(mirror->country == net::CountryCode::parse("DE"));
  CHECK(mirror->city == "Köln");
  CHECK(joined(mirror->urls) == "http://m1.example/a; https://m1.example/a; rsync://m1.example/a");
  CHECK(joined(mirror->modules.at("next")) == "https://m1.example/next");
  CHECK(mirror->client_asns == std::vector<std::uint32_t>{680, 3320});
  REQUIRE(mirror->netblocks.has_value());
  CHECK(mirror->netblocks->size() == 2);
  CHECK(mirror->is_private == true);
  CHECK(mirror->is_monopoly == true);
  CHECK(joined(mirror->remarks).empty());
}

TEST_CASE("what a line does not state is left open") {
  const auto mirror = parse_inventory_line(with(R"("country": null, "city": null)"));
  REQUIRE(mirror);
  CHECK_FALSE(mirror->country.has_value());
  CHECK(mirror->city.empty());
  CHECK(mirror->site_url.empty());
  CHECK_FALSE(mirror->client_asns.has_value());
  CHECK_FALSE(mirror->netblocks.has_value());
  CHECK_FALSE(mirror->is_private.has_value());
  CHECK_FALSE(mirror->is_monopoly.has_value());
}

TEST_CASE("a single ASN is a list of one, and an empty list is stated") {
  CHECK(parse_inventory_line(with(R"("asn": 680)"))->client_asns ==
        std::vector<std::uint32_t>{680});
  CHECK(parse_inventory_line(with(R"("asn": [], "subnets": [])"))->client_asns->empty());
}

TEST_CASE("bad lines are refused with the reason") {
  struct Row {
    std::string line;
    const char* reason;
  };
  const std::string long_text(300, 'x');
  const auto row = GENERATE_COPY(values<Row>({
      {"", "no JSON"},
      {"x", "no JSON: wrong at byte 1"},
      {R"({"name": "a")", "no JSON"},
      {"[]", "no JSON object"},
      {"null", "no JSON object"},
      {"{\"name\": \"\xFF\"}", "no UTF-8"},
      {R"({"name": 1e999})", "out of range"},
      {std::string(admin::kMaxInventoryLineBytes + 1, ' '), "bytes; at most"},
      {"{}", "\"name\" is missing or empty"},
      {R"({"name": "", "site": "s", "urls": {"http": "http://a"}})", "\"name\" is missing"},
      {R"({"name": 7, "site": "s", "urls": {"http": "http://a"}})", "\"name\" is no string"},
      {R"({"name": "a\u0000b", "site": "s", "urls": {"http": "http://a"}})", "single line"},
      {R"({"name": "a\nb", "site": "s", "urls": {"http": "http://a"}})", "single line"},
      {R"({"name": ")" + long_text + R"(", "site": "s", "urls": {"http": "http://a"}})",
       "at most 255 bytes"},
      {R"({"name": "a", "urls": {"http": "http://a"}})", "\"site\" is missing"},
      {R"({"name": "a", "site": "s"})", "\"urls\" is missing"},
      {with_urls("{}"), "no usable URL"},
      {with_urls(R"("https://a")"), "\"urls\" is no object"},
      {with_urls(R"({"http": 1})"), "under \"http\" is no string"},
      {with_urls(R"({"http": "m1.example"})"), "does not start with"},
      {with_urls(R"({"http": "http://user@m1.example/"})"), "user name"},
      {with(R"("city": 1)"), "\"city\" is no string"},
      {with(R"("private": "yes")"), "\"private\" is neither true nor false"},
      {with(R"("city": "a\u0085b")"), "\"city\" is no single line"},
      {with(R"("asn": "AS680")"), "\"asn\" is no list"},
      {with(R"("asn": [0])"), "\"asn\" is no list"},
      {with(R"("asn": [-1])"), "\"asn\" is no list"},
      {with(R"("asn": [1.5])"), "\"asn\" is no list"},
      {with(R"("asn": [4294967296])"), "\"asn\" is no list"},
      {with(R"("asn": {})"), "\"asn\" is no list"},
      {with(R"("subnets": "192.0.2.0/24")"), "\"subnets\" is no list"},
      {with(R"("subnets": [1])"), "\"subnets\" is no string"},
      {with(R"("subnets": ["192.0.2.1/24"])"), "is 192.0.2.0/24 meant?"},
      {with(R"("subnets": ["192.0.2.0/33"])"), "prefix length"},
      {with(R"("modules": [])"), "\"modules\" is no object"},
      {with(R"("modules": {"next": "https://a"})"), "module \"next\" is no object"},
      {with(R"("modules": {"next": {}})"), "no usable module URL"},
  }));
  CAPTURE(row.line.substr(0, 200));
  const auto mirror = parse_inventory_line(row.line);
  REQUIRE_FALSE(mirror);
  CHECK_THAT(mirror.reason(), Catch::Contains(row.reason));
}

TEST_CASE("what does not spoil the rest is left out with a remark") {
  struct Row {
    std::string line;
    const char* remark;
  };
  const auto row = GENERATE(values<Row>({
      {with(R"("country": "UK")"), "country \"UK\" is unknown"},
      {with(R"("country": "Germany")"), "country \"Germany\" is unknown"},
      {with(R"("sponsor_url": "www.example")"), "is no http or https URL"},
      {with(R"("sponsor_url": "javascript:void")"), "is no http or https URL"},
      {with(R"("sponsor_url": "http://")"), "\"http://\" is no http or https URL and left out"},
      {with(R"("cloud_type": "some", "cloud_regions": ["all"])"), "names none of the clouds"},
      {with(R"("subnets_url": "https://x")"), "is not fetched"},
      {with_urls(R"({"http": "http://a/x", "rsync": "rsync://a::x"})"), "is no port"},
      {with_urls(R"({"http": "http://a/x", "https": "HTTP://A:80/x/"})"), "given twice"},
  }));
  CAPTURE(row.line);
  const auto mirror = parse_inventory_line(row.line);
  REQUIRE(mirror);
  REQUIRE(mirror->remarks.size() == 1);
  CHECK_THAT(mirror->remarks.front(), Catch::Contains(row.remark));
  CHECK(mirror->urls.size() == 1);
  CHECK_FALSE(mirror->country.has_value());
}

TEST_CASE("lists in a line are bounded") {
  std::string urls = "{";
  for (std::size_t i = 0; i <= admin::kMaxInventoryUrls; ++i)
    urls += fmt::format("{}\"{}\": \"http://m{}.example\"", i == 0 ? "" : ", ", i, i);
  const auto many_urls = parse_inventory_line(with_urls(urls + "}"));
  REQUIRE_FALSE(many_urls);
  CHECK_THAT(many_urls.reason(), Catch::Contains("at most 16 members"));

  std::string asns = "\"asn\": [1";
  for (std::size_t i = 0; i < admin::kMaxInventoryNetworks; ++i) asns += ",1";
  CHECK_FALSE(parse_inventory_line(with(asns + "]")));

  CHECK_FALSE(parse_inventory_line(std::string(60'000, '[')));
}
