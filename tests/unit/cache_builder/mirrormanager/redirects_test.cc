#include "cache_builder/mirrormanager/redirects.h"

#include <catch2/catch.hpp>

#include "cache_builder/mirrormanager/remarks.h"
#include "common/base/remarks.h"

using namespace mirrorway::cache_builder;
namespace base = mirrorway::base;

TEST_CASE("redirects that a snapshot cannot hold are left out, and no others") {
  struct Row {
    const char* what;
    Redirects redirects;
    Redirects good;
  };
  const auto row = GENERATE(values<Row>({
      {"a chain", {{"a", "b"}, {"b", "c"}}, {{"a", "b"}, {"b", "c"}}},
      {"a redirect to itself", {{"a", "a"}, {"b", "c"}}, {{"b", "c"}}},
      {"a loop of three", {{"a", "b"}, {"b", "c"}, {"c", "a"}}, {}},
      {"a way into a loop", {{"a", "b"}, {"b", "c"}, {"c", "b"}}, {{"a", "b"}}},
      {"two loops", {{"a", "b"}, {"b", "a"}, {"x", "y"}, {"y", "x"}, {"z", "x"}}, {{"z", "x"}}},
      {"eight deep is allowed, nine is not",
       {{"0", "1"},
        {"1", "2"},
        {"2", "3"},
        {"3", "4"},
        {"4", "5"},
        {"5", "6"},
        {"6", "7"},
        {"7", "8"},
        {"8", "9"}},
       {{"1", "2"},
        {"2", "3"},
        {"3", "4"},
        {"4", "5"},
        {"5", "6"},
        {"6", "7"},
        {"7", "8"},
        {"8", "9"}}},
  }));
  CAPTURE(row.what);
  base::Remarks remarks;
  CHECK(good_redirects(row.redirects, remarks) == row.good);
  CHECK(remarks.count(remark::kRedirectChain) == row.redirects.size() - row.good.size());
}
