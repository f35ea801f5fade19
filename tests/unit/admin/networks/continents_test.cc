#include "admin/networks/continents.h"

#include <catch2/catch.hpp>

using namespace mirrorway;
using admin::parse_continents;

TEST_CASE("countries and continents are read in either case, with a head, comments and blanks") {
  const auto continents =
      parse_continents("country,continent\n# comment\n\nDE,EU\r\nus , na\nA1,--\nXX,--\n");
  REQUIRE(continents);
  CHECK(continents->size() == 2);
  CHECK(continents->at(*net::CountryCode::parse("DE")) == net::Continent::kEu);
  CHECK(continents->at(*net::CountryCode::parse("US")) == net::Continent::kNa);
}

TEST_CASE("a damaged table is refused by its line") {
  struct Row {
    const char* text;
    const char* problem;
  };
  const std::vector<Row> rows{
      {"", "1: no country is in it"},
      {"country,continent\n", "1: no country"},
      {"DE,EU\nFR,EU", "2: the last line has no end"},
      {"DE,EU\nFR\n", "2: \"FR\""},
      {"DE,EU\nFR,XX\n", "2: \"FR,XX\""},
      {"DE,EU\nFRA,EU\n", "2: \"FRA,EU\""},
      {"DE,EU\ncountry,continent\n", "2: "},
      {"DE,EU\nDE,AS\n", "2: DE is in EU already"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto continents = parse_continents(row.text);
    CHECK_FALSE(continents);
    CHECK_THAT(continents.reason(), Catch::StartsWith(row.problem));
  }
}
