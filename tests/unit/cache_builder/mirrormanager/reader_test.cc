#include "cache_builder/mirrormanager/reader.h"

#include <fstream>

#include <catch2/catch.hpp>

#include "cache_builder/mirrormanager/import.h"
#include "common/base/remarks.h"
#include "tests/support/cache_in_memory.h"
#include "tests/support/mirrormanager_cache.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;
using namespace mirrorway::cache_builder;
using namespace std::string_literals;

namespace {

// What the import says of these bytes: the error, or "".
std::string import_error(std::string_view bytes) {
  tests::CacheInMemory cache(bytes);
  base::Remarks remarks;
  try {
    import_mirrormanager(cache, known_continents(), {}, remarks);
    return "";
  } catch (const base::Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a damaged cache is refused with place and field") {
  struct Row {
    const char* what;
    std::string bytes;
    const char* reason;
  };
  const std::string good = tests::bytes_of(tests::three_hosts());
  const std::string start = good.substr(0, 6);  // Time
  const auto row = GENERATE_COPY(values<Row>({
      {"an empty file", "", "field Time (1) is missing"},
      {"no Time", good.substr(6), "field Time (1) is missing"},
      {"no directory", start, "field MirrorListCache (16) is missing"},
      {"text", "<html>",
       "field CountryContinentRedirectCache (7): damaged: wire type 4 where 2 belongs"},
      {"cut within a field", good.substr(0, good.size() - 1),
       "field MirrorListCache (16): cut off: 75 bytes are promised, 74 are left"},
      {"cut within a tag", start + "\x82", "byte 6: cut off within a number"},
      {"cut within a length", start + "\x22\x80", "byte 6, field HCUrlCache (4): cut off within"},
      {"a length past the end", start + "\x22\x7F" + "abc",
       "byte 6, field HCUrlCache (4): cut off: 127 bytes are promised, 3 are left"},
      {"a length past everything", start + "\x22\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01",
       "cut off: 18446744073709551615 bytes are promised, 0 are left"},
      {"a number of more than 64 bits", start + "\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02",
       "byte 6, field Time (1): damaged: a number of more than 64 bits"},
      {"field number 0", start + "\x02"s + "\0"s, "byte 6: damaged: 0 is no field number"},
      {"a field number past the last", start + "\x80\x80\x80\x80\x10"s,
       "byte 6: damaged: 536870912 is no field number"},
      {"a group", start + "\x9B\x06", "byte 6, field (99): damaged: wire type 3"},
      {"another wire type", start + "\x20\x01",
       "byte 6, field HCUrlCache (4): damaged: wire type 0 where 2 belongs"},
      {"a field that is none inside", start + "\x22\x03\x0A\x7F\x61",
       "byte 6, field HCUrlCache (4): damaged: 3 bytes that are no such field"},
      {"a row without key", start + "\x22\x03\x12\x01\x61",
       "byte 6, field HCUrlCache (4): its field key (1) is missing"},
      {"a row without value", start + "\x22\x02\x08\x01",
       "byte 6, field HCUrlCache (4): its field value (2) is missing"},
      {"a directory without path", start + "\x82\x01\x02\x10\x01",
       "byte 6, field MirrorListCache (16): its field directory (1) is missing"},
      {"a carrier without host", start + "\x82\x01\x07\x0A\x01\x61\x32\x02\x10\x01",
       "its field ByHostId.key (1) is missing"},
      {"files without directory", good + "\x2A\x00"s, "its field directory (1) is missing"},
      {"a file without name", good + "\x2A\x19\x0A\x15" + "directory/level/three" + "\x12\x00"s,
       "its field files.filename (1) is missing"},
  }));
  CAPTURE(row.what);
  CHECK_THAT(import_error(row.bytes), Catch::Contains(row.reason));
}

TEST_CASE(
    "no cut of a cache passes for a whole one, but for a cut between fields after the first") {
  const std::string good = tests::bytes_of(tests::three_hosts());
  REQUIRE(import_error(good).empty());
  for (std::size_t length = 0; length < good.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(import_error(good.substr(0, length)).empty());
  }
}

TEST_CASE("fields that nobody knows are skipped, at the top and inside") {
  const auto row = GENERATE(values<std::string>({
      "\xF8\x01\x05",                                  // 31, a number
      "\xF9\x01\x01\x02\x03\x04\x05\x06\x07\x08",      // 64 bits
      "\xFA\x01\x03\x61\x62\x63",                      // bytes
      "\xFD\x01\x01\x02\x03\x04",                      // 32 bits
      "\x22\x09\x08\x63\x12\x01\x78\xFA\x01\x01\x61",  // in a row of HCUrlCache
  }));
  CHECK(import_error(row + tests::bytes_of(tests::three_hosts())).empty());
}

TEST_CASE("a cache file is read as memory is, whatever its size") {
  auto cache = tests::three_hosts();
  for (int i = 0; i < 30'000; ++i)
    tests::add_directory(cache, fmt::format("top/{:05}", i), fmt::format("{:05}", i));
  const std::string bytes = tests::bytes_of(cache);
  REQUIRE(bytes.size() > (2U << 20U));
  const tests::TemporaryFolder folder;
  CacheFile file(folder.write("cache", bytes));
  tests::CacheInMemory memory(bytes);
  base::Remarks remarks;
  CHECK(import_mirrormanager(file, {}, {}, remarks).SerializeAsString() ==
        import_mirrormanager(memory, {}, {}, remarks).SerializeAsString());
}

TEST_CASE("a cache that is rewritten under its reader is refused") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.write("cache", tests::bytes_of(tests::three_hosts()));
  CacheFile file(path);
  base::Remarks remarks;
  SECTION("longer") {
    std::ofstream(path, std::ios::app) << "more";
    CHECK_THROWS_WITH(import_mirrormanager(file, {}, {}, remarks), Catch::Contains("was changed"));
  }
  SECTION("cut short") {
    std::ofstream(path, std::ios::trunc) << "";
    CHECK_THROWS_WITH(import_mirrormanager(file, {}, {}, remarks),
                      Catch::Contains("was cut short"));
  }
}

TEST_CASE("what is no file is named") {
  CHECK_THROWS_WITH(CacheFile("/nonexistent/cache"), Catch::Contains("/nonexistent/cache"));
  CHECK_THROWS_WITH(CacheFile("/"), Catch::Contains("not a regular file"));
}
