// What country= asks for.

#include <catch2/catch.hpp>

#include "common/selection/select.h"
#include "tests/support/world.h"

using namespace mirrorway;
using selection::Policy;
using tests::client;
using tests::countries;
using tests::everything;
using tests::kNow;
using tests::World;

TEST_CASE("country= is answered by those countries, else their continents, else as ever") {
  struct Row {
    const char* rule;
    std::vector<net::CountryCode> countries;
    bool is_everywhere;
    const char* address;
    const char* expected;
  };
  // In a monopoly's netblock, to see that country= leaves the network tiers out.
  const char* const office = "198.51.100.9";
  const World w;
  const auto row = GENERATE_COPY(values<Row>({
      {"one country, however few", countries({"JP"}), false, office, "jp1"},
      {"a union of countries", countries({"JP", "FR"}), false, office, "fr1 jp1"},
      {"a country without mirrors adds nothing to a union", countries({"JP", "PL"}), false, office,
       "jp1"},
      {"last resort behind the others of the country", countries({"DE"}), false, office,
       "de1 de2 master"},
      {"none there: the continent", countries({"PL"}), false, office, "de1 de2 fr1 master"},
      {"none there: the continents of all", countries({"PL", "CN"}), false, office,
       "de1 de2 fr1 jp1 master"},
      {"none on the continent either: the client's own tiers", countries({"ZA"}), false, "10.0.0.1",
       "domestic us1 | de1 de2 fr1 jp1 master nowhere"},
      {"given up, the network tiers count again", countries({"ZA"}), false, office, "office"},
      {"a code that no table knows: the client's own tiers", countries({"QZ"}), false, office,
       "office"},
      {"everywhere", {}, true, office, "de1 de2 domestic fr1 jp1 master nowhere us1"},
      {"everywhere and a country is everywhere", countries({"JP"}), true, office,
       "de1 de2 domestic fr1 jp1 master nowhere us1"},
  }));
  CAPTURE(row.rule);
  auto query = everything(w.image());
  query.countries = row.countries;
  query.is_everywhere = row.is_everywhere;
  const auto result = select(w.image(), query, client(row.address, "US"), Policy{}, kNow);
  CHECK(w.tiers(result) == row.expected);
  CHECK(result.had_no_mirror_there ==
        (row.countries == countries({"ZA"}) || row.countries == countries({"QZ"})));
}

TEST_CASE("the tier tells whether a country or its continent answered country=") {
  const World w;
  auto query = everything(w.image());
  const auto tier_for = [&](const char* country) {
    query.countries = countries({country});
    return select(w.image(), query, client("10.0.0.1", "US"), Policy{}, kNow).hosts.front().tier;
  };
  CHECK(tier_for("DE") == selection::Tier::kCountry);
  CHECK(tier_for("PL") == selection::Tier::kContinent);
}

TEST_CASE("the notes name the countries that answered, not those asked for") {
  const World w;
  auto query = everything(w.image());
  query.countries = countries({"PL", "DE"});
  CHECK(select(w.image(), query, client("10.0.0.1", "US"), Policy{}, kNow).countries ==
        countries({"DE"}));
  query.countries = countries({"PL"});
  CHECK(select(w.image(), query, client("10.0.0.1", "US"), Policy{}, kNow).countries ==
        countries({"DE", "FR"}));
}
