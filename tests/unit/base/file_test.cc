#include "common/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;

namespace {

time_t now() {  // time() may be a tick behind
  return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
}

std::size_t entries(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                std::filesystem::directory_iterator()));
}

}  // namespace

TEST_CASE("publishing replaces the file and leaves nothing beside it") {
  const tests::TemporaryFolder folder;
  const auto path = folder.path() / "file";
  base::publish_file(path, "old");
  base::publish_file(path, std::string(100'000, 'n'));
  CHECK(base::read_file(path, 1 << 20) == std::string(100'000, 'n'));
  CHECK(entries(folder.path()) == 1);
}

// HTTP's dates have whole seconds: two files of one second are the same to who asks by them.
TEST_CASE("a published file is later, in whole seconds, than the one that it replaces") {
  struct Case {
    time_t ahead;  // of the clock, in the file in place
    bool counts;
  };
  constexpr time_t kDay = 86400;
  const auto [ahead, counts] = GENERATE(Case{-kDay, true}, Case{-1, true}, Case{0, true},
                                        Case{1, true}, Case{60, true}, Case{kDay, false});
  CAPTURE(ahead);
  const tests::TemporaryFolder folder;
  const auto path = folder.write("file", "old");
  const time_t start = now();
  const timespec old{start + ahead, 999'999'999};
  const std::array<timespec, 2> times{old, old};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0) == 0);
  base::publish_file(path, "new");
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  const time_t least = counts ? std::max(start, old.tv_sec + 1) : start;
  CHECK(status.st_mtim.tv_sec >= least);
  CHECK(status.st_mtim.tv_sec <= std::max(least, now()));
}

TEST_CASE("a file published piece by piece appears when it is whole") {
  const tests::TemporaryFolder folder;
  const auto path = folder.write("file", "old");
  {
    base::PublishedFile abandoned(path);
    abandoned.append("half");
  }
  CHECK(base::read_file(path, 100) == "old");
  base::PublishedFile file(path);
  const std::string large(3 << 20, 'l');
  file.append("start ");
  file.append(large);
  file.append(" end");
  CHECK(base::read_file(path, 100) == "old");
  file.commit();
  CHECK(base::read_file(path, 4 << 20) == "start " + large + " end");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("publishing into a missing folder names it") {
  CHECK_THROWS_WITH(base::publish_file("/nonexistent/file", "x"),
                    Catch::Contains("/nonexistent/") && Catch::Contains("No such file"));
}

TEST_CASE("a failed publication leaves the old file and no other") {
  const tests::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "file");  // a folder cannot be renamed over
  CHECK_THROWS_AS(base::publish_file(folder.path() / "file", "x"), base::IoError);
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("reading is bounded and refuses what is no file") {
  const tests::TemporaryFolder folder;
  const auto path = folder.write("file", "12345");
  CHECK(base::read_file(path, 5) == "12345");
  CHECK_THROWS_WITH(base::read_file(path, 4), Catch::Contains("5 bytes, more than the 4 allowed"));
  CHECK_THROWS_WITH(base::read_file(folder.path(), 100), Catch::Contains("not a regular file"));
  CHECK_THROWS_AS(base::read_file(folder.path() / "none", 100), base::IoError);
}

TEST_CASE("what killed publications left is removed, and nothing else") {
  const tests::TemporaryFolder folder;
  const std::vector<std::string> others{"file",        ".file.lock",   ".file.XXXXXX7",
                                        "file.XXXXXX", ".file.old-ab", ".other.XXXXXX",
                                        ".file.XXXXX"};
  for (const std::string& name : others) folder.write(name, "");
  folder.write(".file.a0Zz9q", "half");
  base::remove_leftovers(folder.path() / "file");
  CHECK(entries(folder.path()) == others.size());
  CHECK_FALSE(std::filesystem::exists(folder.path() / ".file.a0Zz9q"));
  CHECK_THROWS_AS(base::remove_leftovers("/nonexistent/file"), base::IoError);
}
