#include "cache_builder/mirrormanager/text_files.h"

#include <catch2/catch.hpp>

#include "cache_builder/mirrormanager/remarks.h"
#include "common/base/error.h"
#include "common/base/remarks.h"

using namespace mirrorway;
using namespace mirrorway::cache_builder;

TEST_CASE("what cannot be read in global_netblocks.txt is skipped and counted") {
  base::Remarks remarks;
  const auto asns = parse_global_netblocks(
      "# comment\n1.2.0.0/16 100\n\n1.3.0.0/16\t200\r\n1.4.5.6/16 300\n2001:db8::/32 400\n"
      "0.0.0.0/0 500\n1.5.0.0/16\n1.6.0.0/16 x\n1.7.0.0/16 0\n2001:db8::/65 1\nno 1\n1.8.0.0/16 7",
      remarks);
  CHECK(format_global_netblocks(asns) ==
        "1.2.0.0/16 100\n1.3.0.0/16 200\n1.4.0.0/16 300\n2001:db8::/32 400\n1.8.0.0/16 7\n");
  CHECK(remarks.count(remark::kAsnLine) == 6);
  CHECK(remarks.count(remark::kMaskedNetblock) == 1);
}

TEST_CASE("countries come from lines of code and continent") {
  base::Remarks remarks;
  const auto continents = parse_country_continents(
      "country,continent\nDE,EU\nus,na\nXX,--\nGermany,EU\nFR,europe\n", remarks);
  REQUIRE(continents.size() == 2);
  CHECK(continents.begin()->first.text() == "DE");
  CHECK(continents.rbegin()->second == net::Continent::kNa);
  CHECK(remarks.count(remark::kCountryLine) == 2);
}

TEST_CASE("a file without any country is the wrong file") {
  base::Remarks remarks;
  CHECK_THROWS_WITH(parse_country_continents("a b c\n", remarks), Catch::Contains("as DE,EU does"));
}
