#include "common/catalog/redirects.h"

#include <catch2/catch.hpp>

using mirrorway::catalog::find_redirect_problem;
using mirrorway::catalog::Redirect;

TEST_CASE("redirects may be chained, but neither deeply nor in a circle") {
  std::vector<Redirect> chain;
  chain.reserve(9);
  for (int i = 0; i < 8; ++i) chain.push_back({std::to_string(i), std::to_string(i + 1)});
  CHECK_FALSE(find_redirect_problem(chain).has_value());

  chain.push_back({"8", "9"});
  REQUIRE(find_redirect_problem(chain).has_value());
  CHECK_THAT(*find_redirect_problem(chain), Catch::Contains("more than 8 deep: 0 → 1"));

  const std::vector<Redirect> loop{{"a", "b"}, {"b", "c"}, {"c", "a"}};
  CHECK_THAT(*find_redirect_problem(loop), Catch::Contains("loop: a → b → c → a"));

  const std::vector<Redirect> into_loop{{"a", "b"}, {"b", "c"}, {"c", "b"}};
  CHECK(find_redirect_problem(into_loop).has_value());
}
