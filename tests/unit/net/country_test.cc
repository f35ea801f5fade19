#include "common/net/country.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "common/base/text.h"
#include "tests/support/paths.h"

using namespace mirrorway;
using namespace mirrorway::net;

TEST_CASE("country codes read back and index densely") {
  CHECK(CountryCode::parse("de")->text() == "DE");
  CHECK(CountryCode::parse("AA")->index() == 1);
  CHECK(CountryCode::parse("zz")->index() == CountryCode::kCount - 1);
  CHECK(CountryCode::from_index(CountryCode::parse("NL")->index())->text() == "NL");
  CHECK_FALSE(CountryCode::from_index(0).has_value());
  const auto bad = GENERATE(values<const char*>({"", "D", "DEU", "1A", "D ", "\xC3\xA9"}));
  CHECK_FALSE(CountryCode::parse(bad).has_value());
}

TEST_CASE("the table of countries is sorted, without doubles, and each code is one") {
  const auto known = known_countries();
  CHECK(known.size() == 250);
  for (std::size_t i = 1; i < known.size(); ++i) CHECK(known[i - 1].code < known[i].code);
  CHECK(std::all_of(known.begin(), known.end(),
                    [](const auto& fact) { return CountryCode::parse(fact.code).has_value(); }));
}

TEST_CASE("the table of countries agrees with ISO 3166 as compiled by others") {
  std::ifstream file(tests::in_source("../shared/data/country_continent.csv"));
  if (!file) {
    WARN("skipped: ../shared/data/country_continent.csv is absent");
    return;
  }
  std::map<std::string, std::string> ours;
  for (const auto& fact : known_countries())
    ours.emplace(fact.code, continent_code(fact.continent));
  std::string line;
  std::getline(file, line);
  std::size_t rows = 0;
  for (; std::getline(file, line); ++rows) {
    CAPTURE(line);
    CHECK(ours[line.substr(0, 2)] == line.substr(3, 2));
  }
  CHECK(rows == 249);
}
