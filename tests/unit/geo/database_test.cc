#include "common/geo/database.h"

#include <array>
#include <filesystem>
#include <optional>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "common/base/file.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;
using namespace mirrorway::geo;

namespace {

// Made by tests/fixtures/make_geo_fixtures.pl.
std::string fixture(const std::string& name) {
  return tests::in_build("tests/fixtures/geo/" + name + ".mmdb");
}

// MaxMind's test files, or nullopt (after a warning) where they are absent.
std::optional<std::string> public_file(const std::string& name) {
  const std::string path = tests::in_source("../shared/data/maxmind-test/" + name);
  if (std::filesystem::exists(path)) return path;
  WARN("skipped: " << path << " is absent");
  return std::nullopt;
}

GeoDatabase load(std::vector<std::string> paths) {
  return GeoDatabase::load(paths);
}

// All that is known in one line: "AU AS13335 -33.5,151.25 ~100", with "-" for what is not.
std::string answer(const GeoDatabase& database, const std::string& address) {
  const GeoAnswer found = database.find(*net::Address::parse(address));
  std::string text(found.country ? found.country->text() : "-");
  if (found.continent_hint) text += fmt::format("({})", continent_code(*found.continent_hint));
  text += found.asn ? fmt::format(" AS{}", *found.asn) : " -";
  if (!found.coordinates) return text + " -";
  text += fmt::format(" {:.2f},{:.2f}", found.coordinates->latitude, found.coordinates->longitude);
  if (found.coordinates->radius_km) text += fmt::format(" ~{}", *found.coordinates->radius_km);
  return text;
}

}  // namespace

TEST_CASE("every shape of record is understood") {
  struct Row {
    const char* file;
    const char* address;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({
      {"ipinfo-classic", "1.1.1.1", "AU AS13335 -33.87,151.21"},
      {"ipinfo-classic", "2001:db8::1", "NO - 59.91,10.75"},
      {"ipinfo-classic", "9.9.9.9", "- - -"},
      {"ipinfo-new", "1.1.1.1", "AU AS13335 -33.87,151.21"},
      {"flat-city-ipv4", "1.1.1.1", "AU - -33.50,151.25"},
      {"flat-asn", "1.1.1.1", "- AS64500 -"},
      {"flat-country-ipv6", "2001:db8::1", "NL - -"},
      {"registered-country", "1.0.0.1", "SE - -"},
      {"registered-country", "1.0.1.1", "FI - -"},
      {"registered-country", "1.0.2.1", "SE - -"},
  }));
  CAPTURE(row.file, row.address);
  CHECK(answer(load({fixture(row.file)}), row.address) == row.expected);
}

TEST_CASE("an address of the other family is simply not known") {
  CHECK(answer(load({fixture("flat-city-ipv4")}), "2001:db8::1") == "- - -");
  CHECK(answer(load({fixture("flat-country-ipv6")}), "1.1.1.1") == "- - -");
}

TEST_CASE("values that make no sense are left out, the others stay") {
  const auto database = load({fixture("ipinfo-classic")});
  const auto* const address = GENERATE("1.1.2.1", "1.1.3.1", "1.1.4.1");
  CHECK(answer(database, address) == "NO - -");
  CHECK(answer(load({fixture("ipinfo-new")}), "1.1.2.1") == "NO - -");
}

TEST_CASE("coordinates without a city are the middle of nowhere and not given out") {
  CHECK(answer(load({fixture("flat-city-ipv4")}), "1.1.2.1") == "US - -");
  CHECK(answer(load({fixture("ipinfo-classic")}), "1.1.5.1") == "NO - -");
}

TEST_CASE("codes that are no country are read for what they mean") {
  struct Row {
    const char* address;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({{"1.0.0.1", "GB - -"},
                                         {"1.0.1.1", "FR - -"},
                                         {"1.0.2.1", "XK - -"},
                                         {"1.0.3.1", "-(EU) - -"},
                                         {"1.0.4.1", "-(AS) - -"},
                                         {"1.0.5.1", "-(NA) - -"},
                                         {"1.0.6.1", "- - -"},
                                         {"1.0.7.1", "- - -"},
                                         {"1.0.8.1", "- - -"},
                                         {"1.0.9.1", "DE - -"}}));
  CAPTURE(row.address);
  CHECK(answer(load({fixture("odd-codes")}), row.address) == row.expected);
}

TEST_CASE("of several files the first that knows a datum gives it") {
  const auto files =
      load({fixture("odd-codes"), fixture("codes-for-odd-ones"), fixture("flat-asn"),
            fixture("ipinfo-classic"), fixture("flat-city-ipv4"), fixture("flat-country-ipv6")});
  CHECK(answer(files, "1.1.1.1") == "AU AS64500 -33.87,151.21");
  CHECK(answer(files, "1.1.2.1") == "NO AS64500 -");
  CHECK(answer(files, "1.0.3.1") == "BE - -");  // a country beats the hint of an earlier file
  CHECK(answer(files, "1.0.4.1") == "-(AS) - -");
  CHECK(answer(files, "2001:db8::1") == "NO - 59.91,10.75");
}

TEST_CASE("a database without files knows nothing") {
  CHECK(answer(GeoDatabase(), "1.1.1.1") == "- - -");
}

TEST_CASE("MaxMind's own files are understood") {
  struct Row {
    const char* file;
    const char* address;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({
      {"GeoIP2-City-Test.mmdb", "2.125.160.216", "GB - 51.75,-1.25 ~100"},
      {"GeoIP2-City-Test.mmdb", "2001:218::1", "JP - -"},
      {"GeoIP2-Country-Test.mmdb", "89.160.20.113", "SE - -"},
      {"GeoIP2-Country-Test.mmdb", "2001:218::1", "JP - -"},
      {"GeoLite2-ASN-Test.mmdb", "1.128.0.1", "- AS1221 -"},
      {"GeoLite2-ASN-Test.mmdb", "127.0.0.1", "- - -"},
  }));
  CAPTURE(row.file, row.address);
  if (const auto path = public_file(row.file))
    CHECK(answer(load({*path}), row.address) == row.expected);
}

TEST_CASE("a damaged file is refused with its name and the reason") {
  struct Row {
    const char* file;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({
      {"GeoIP2-City-Test-Broken-Double-Format.mmdb",
       "a value of type 3 before offset 368 has a length of 5"},
      {"GeoIP2-City-Test-Invalid-Node-Count.mmdb", "100000 nodes do not fit into 22876 bytes"},
      {"bad/bad-unicode-in-map-key.mmdb", "data section: offset 13882143 is past"},
      {"bad/cyclic-data-structure.mmdb",
       "metadata section: a value at offset 259 goes past the end"},
      {"bad/invalid-bytes-length.mmdb", "metadata section: a value at offset 18 goes past the end"},
      {"bad/invalid-data-record-offset.mmdb", "the name of a field at offset 1 is no UTF-8"},
      {"bad/invalid-map-key-length.mmdb",
       "metadata section: a value at offset 259 goes past the end"},
      {"bad/invalid-string-length.mmdb",
       "metadata section: a value at offset 140 goes past the end"},
      {"bad/libmaxminddb-deep-array-nesting.mmdb", "more than 64 levels deep"},
      {"bad/libmaxminddb-deep-nesting.mmdb", "more than 64 levels deep"},
      {"bad/libmaxminddb-metadata-marker-only.mmdb",
       "metadata section: offset 0 is past its 0 bytes"},
      {"bad/libmaxminddb-offset-integer-overflow.mmdb",
       "metadata section: offset 943208504 is past"},
      {"bad/libmaxminddb-oversized-array.mmdb", "data section: offset 9 is past its 9 bytes"},
      {"bad/libmaxminddb-oversized-map.mmdb", "data section: offset 8 is past its 8 bytes"},
      {"bad/libmaxminddb-separator-record-max-left.mmdb", "node 0 leads into the separator"},
      {"bad/libmaxminddb-separator-record-min-left.mmdb", "node 0 leads into the separator"},
      {"bad/libmaxminddb-separator-record-min-right.mmdb", "node 0 leads into the separator"},
      {"bad/metadata-is-an-uint128.mmdb",
       "metadata section: a value at offset 2 goes past the end"},
      {"bad/unexpected-bytes.mmdb", "metadata section: offset 262 is past its 262 bytes"},
      // What is odd in these is out of every address's reach or has harmed other readers only.
      {"bad/libmaxminddb-corrupt-search-tree.mmdb", "has neither"},
      {"bad/libmaxminddb-empty-array-last-in-metadata.mmdb", "has neither"},
      {"bad/libmaxminddb-empty-map-last-in-metadata.mmdb", "has neither"},
      {"bad/libmaxminddb-uint64-max-epoch.mmdb", "has neither"},
  }));
  CAPTURE(row.file);
  const auto path = public_file(row.file);
  if (!path) return;
  CHECK_THROWS_WITH(load({*path}), Catch::Contains(row.file) && Catch::Contains(row.reason));
}

TEST_CASE("what is no geolocation file is refused with its name and the reason") {
  const tests::TemporaryFolder folder;
  CHECK_THROWS_WITH(load({folder.path() / "absent.mmdb"}),
                    Catch::Contains("absent.mmdb") && Catch::Contains("No such file"));
  CHECK_THROWS_WITH(load({folder.path()}), Catch::Contains("not a regular file"));
  CHECK_THROWS_WITH(load({folder.write("empty.mmdb", "")}), Catch::Contains("the file is empty"));
  CHECK_THROWS_WITH(load({folder.write("page.mmdb", "<html>404</html>")}),
                    Catch::Contains("page.mmdb") && Catch::Contains("no MaxMind DB file"));
  CHECK_THROWS_WITH(load({fixture("nothing-of-use")}), Catch::Contains("neither countries"));
}

TEST_CASE("a file cut off anywhere is refused") {
  constexpr std::size_t kMaxBytes = 1 << 20;
  const std::string whole = base::read_file(fixture("ipinfo-classic"), kMaxBytes);
  const tests::TemporaryFolder folder;
  for (std::size_t length = 1; length < whole.size(); length += 7) {
    CAPTURE(length);
    CHECK_THROWS_AS(load({folder.write("cut.mmdb", whole.substr(0, length))}), base::Error);
  }
}

// Whether refused or not, nothing read through it may leave the file; the sanitizers watch.
TEST_CASE("a file with any single byte damaged is refused or harmless") {
  constexpr std::size_t kMaxBytes = 1 << 20;
  const std::string whole = base::read_file(fixture("ipinfo-new"), kMaxBytes);
  const tests::TemporaryFolder folder;
  constexpr std::array<char, 3> kDamages{'\x01', '\x80', '\xFF'};
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bytes = whole;
    bytes[i] = static_cast<char>(bytes[i] ^ kDamages[i % kDamages.size()]);
    const std::string path = folder.write("damaged.mmdb", bytes);
    try {
      const GeoDatabase database = load({path});
      for (const char* address : {"1.1.1.1", "1.1.2.1", "2001:db8::1", "255.255.255.255"})
        (void)database.find(*net::Address::parse(address));
    } catch (const base::Error&) {
      continue;
    }
  }
  SUCCEED();
}

TEST_CASE("changing a loaded file in place changes no answer") {
  constexpr std::size_t kMaxBytes = 1 << 20;
  const tests::TemporaryFolder folder;
  const std::string path =
      folder.write("live.mmdb", base::read_file(fixture("ipinfo-classic"), kMaxBytes));
  const auto database = load({path});
  folder.write("live.mmdb", "");
  CHECK(answer(database, "1.1.1.1") == "AU AS13335 -33.87,151.21");
}
