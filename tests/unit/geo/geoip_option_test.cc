#include "common/geo/geoip_option.h"

#include <catch2/catch.hpp>

#include "common/base/error.h"

using namespace mirrorway;

namespace {

using Files = std::vector<std::string>;

Files parse(std::vector<std::string> words) {
  Files geoip;
  base::Options options("cache_builder", "test");
  geo::declare_geoip(options, geoip);
  words.insert(words.begin(), {"cache_builder", "--config", "none"});
  std::vector<char*> argv;
  argv.reserve(words.size());
  for (std::string& word : words) argv.push_back(word.data());
  options.parse(static_cast<int>(argv.size()), argv.data());
  return geo::geoip_files(geoip);
}

}  // namespace

TEST_CASE("\"none\" is no file, and does not stand among files") {
  CHECK(parse({}).empty());
  CHECK(parse({"--geoip", "none"}).empty());
  CHECK(parse({"--geoip", "./none", "--geoip", "b"}) == Files{"./none", "b"});
  CHECK_THROWS_WITH(parse({"--geoip", "a", "--geoip", "none"}),
                    Catch::Contains("--geoip none cannot be given together with files"));
}
