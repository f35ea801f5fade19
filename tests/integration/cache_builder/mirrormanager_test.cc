#include <fmt/format.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "common/base/file.h"
#include "common/base/sanitizer.h"
#include "common/snapshot/file.h"
#include "tests/support/mirrormanager_cache.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;
using tests::run_program;

namespace {

struct Import {
  tests::TemporaryFolder folder;
  std::string output = (folder.path() / "snapshot").string();

  tests::Outcome run(std::string_view cache, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"import-mirrormanager", "--cache", folder.write("cache", cache),
                               "--output", output});
    return run_program("cache_builder/cache_builder", more);
  }
  std::string bytes() const { return base::read_file(output, snapshot::kMaxSnapshotBytes); }
};

}  // namespace

TEST_CASE("a cache, its netblocks and its countries become a snapshot, and a cache again",
          "[no_catalog]") {
  const Import import;
  const auto outcome = import.run(
      tests::bytes_of(tests::three_hosts()),
      {"--netblocks", import.folder.write("netblocks", "10.0.0.0/8 7\nrubbish\n"),
       "--country-continent", import.folder.write("countries", "SE,EU\nTR,EU\nXX,--\n")});
  CAPTURE(outcome.output);
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.output,
             Catch::Contains("3 hosts, 1 categories, 1 directories, 0 repositories, 1 netblocks") &&
                 Catch::Contains("warning: 1 lines left out of the global netblocks: \"rubbish\""));
  const auto first = import.bytes();
  const auto snapshot = snapshot::decode_file(first);
  CHECK(snapshot.countries_size() == 2);

  const std::string cache = (import.folder.path() / "exported").string();
  const std::string netblocks = (import.folder.path() / "exported.txt").string();
  const auto exported = run_program("cache_builder/cache_builder",
                                    {"export-mirrormanager", "--snapshot", import.output, "--cache",
                                     cache, "--netblocks", netblocks});
  CAPTURE(exported.output);
  CHECK(exported.status == 0);
  CHECK(base::read_file(netblocks, 1000) == "10.0.0.0/8 7\n");
  CHECK(import
            .run(base::read_file(cache, 1 << 20),
                 {"--netblocks", netblocks, "--country-continent",
                  import.folder.write("countries", "SE,EU\nTR,AS\n")})
            .status == 0);
  CHECK(import.bytes() == first);
}

TEST_CASE("what cannot be imported leaves the old snapshot in place and names the file",
          "[no_catalog]") {
  struct Row {
    const char* what;
    std::string cache;
    std::vector<std::string> more;
    const char* reason;
  };
  const std::string good = tests::bytes_of(tests::three_hosts());
  const auto row = GENERATE_COPY(values<Row>({
      {"a cut cache",
       good.substr(0, good.size() - 5),
       {},
       "/cache: byte 301, field MirrorListCache"},
      {"no cache", "", {}, "/cache: field Time (1) is missing"},
      {"no such netblocks", good, {"--netblocks", "/nonexistent/n"}, "opening /nonexistent/n"},
      {"countries that are none", good, {"--country-continent", "/dev/null"}, "/dev/null"},
  }));
  const Import import;
  REQUIRE(import.run(good).status == 0);
  const std::string before = import.bytes();
  const auto outcome = import.run(row.cache, row.more);
  CAPTURE(row.what, outcome.output);
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.output, Catch::Contains(row.reason));
  CHECK(std::count(outcome.output.begin(), outcome.output.end(), '\n') == 1);
  CHECK(import.bytes() == before);
}

TEST_CASE("a failed export leaves the old cache in place") {
  const tests::TemporaryFolder folder;
  const std::string cache = folder.write("cache", "old");
  const auto outcome = run_program(
      "cache_builder/cache_builder",
      {"export-mirrormanager", "--snapshot", folder.write("snapshot", "none"), "--cache", cache});
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.output, Catch::Contains("/snapshot: no Mirrorway snapshot"));
  CHECK(base::read_file(cache, 10) == "old");
}

TEST_CASE("both commands say what they need") {
  for (const char* command : {"import-mirrormanager", "export-mirrormanager"}) {
    const auto help = run_program("cache_builder/cache_builder", {command, "--help"});
    CHECK(help.status == 0);
    CHECK_THAT(help.output, Catch::Contains("--cache FILE") && Catch::Contains("--netblocks FILE"));
    CHECK(run_program("cache_builder/cache_builder", {command}).status == 2);
  }
}

TEST_CASE("importing takes the memory of the snapshot, not of the cache") {
#ifdef MIRRORWAY_HAS_SANITIZER
  WARN("the address sanitizer's own memory is more than that: not tested");
#else
  // A directory with 300 hosts has some 4 KB: 36 MB in all, of which a snapshot needs less than
  // one. Never whole in this process either, as a child's largest size starts with its parent's.
  constexpr int kDirectories = 9000;
  constexpr int kHosts = 300;
  constexpr std::size_t kMegabyte = 1 << 20;
  const Import import;
  const std::string path = import.folder.write("large", tests::bytes_of(tests::three_hosts()));
  {
    mirrormanager::MirrorList cache;
    auto& entry = *tests::add_directory(cache, "");
    for (std::uint64_t host = 1000; host < 1000 + kHosts; ++host) {
      entry.add_global(host);
      tests::add_carrier(entry, host, {11, 12, 13});
    }
    std::ofstream file(path, std::ios::app | std::ios::binary);
    for (int i = 0; i < kDirectories; ++i) {
      entry.set_subpath(fmt::format("{:05}", i));
      entry.set_directory("top/" + entry.subpath());
      file << tests::bytes_of(cache);
    }
  }
  REQUIRE(std::filesystem::file_size(path) > 35 * kMegabyte);
  REQUIRE(run_program("cache_builder/cache_builder",
                      {"import-mirrormanager", "--cache", path, "--output", import.output})
              .status == 0);
  rusage usage{};
  REQUIRE(::getrusage(RUSAGE_CHILDREN, &usage) == 0);  // the largest of all children so far
  CHECK(static_cast<std::size_t>(usage.ru_maxrss) * 1024 < 30 * kMegabyte);
  CHECK(snapshot::decode_file(import.bytes()).directories_size() == kDirectories + 1);
#endif
}
