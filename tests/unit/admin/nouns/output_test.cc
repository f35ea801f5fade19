#include "admin/nouns/output.h"

#include <catch2/catch.hpp>

using namespace mirrorway::admin;

TEST_CASE("tables are aligned by what is seen, not by bytes") {
  const std::vector<Json> rows{{{"name", "Köln"}, {"mbps", 1000}, {"on", true}, {"hidden", 1}},
                               {{"name", "b"}, {"mbps", 20}, {"on", false}, {"hidden", 2}}};
  CHECK(format_table({"name", "mbps", "on"}, rows) ==
        "name  mbps  on\n"
        "Köln  1000  yes\n"
        "b       20  no\n");
}

TEST_CASE("values are shown plainly") {
  CHECK(plain(nullptr).empty());
  CHECK(plain(Json::array({1, "b"})) == "1,b");
  CHECK(format_record({{"a", 1}, {"long", nullptr}}) == "a     1\nlong\n");
  CHECK_THAT(format_json("\xFF"), Catch::Contains("\xEF\xBF\xBD"));
}
