#include "cache_builder/publish.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <functional>
#include <future>
#include <utility>

#include <catch2/catch.hpp>

#include "cache_builder/exit_status.h"
#include "cache_builder/hold.h"
#include "cache_builder/lock.h"
#include "common/base/file.h"
#include "common/snapshot/file.h"
#include "tests/support/mirrormanager_cache.h"
#include "tests/support/program.h"
#include "tests/support/scratch_catalog.h"
#include "tests/support/wait_until.h"

using namespace mirrorway;
using namespace cache_builder;
using tests::Outcome;
using tests::run_program;

namespace {

// A catalog of hosts h1, h2, … that all carry the repository os x86_64, and what is published of
// it.
class Site {
 public:
  explicit Site(int hosts = 10) {
    std::string sql =
        "INSERT INTO site (id, name) VALUES (1, 's');"
        "INSERT INTO category (id, name, top_directory) VALUES (1, 'linux', 'linux');"
        "INSERT INTO directory (id, path, category_id) VALUES (1, 'linux/os', 1);"
        "INSERT INTO repository (name, architecture, directory_id) VALUES ('os', 'x86_64', 1);";
    for (int i = 1; i <= hosts; ++i)
      sql += fmt::format(
          "INSERT INTO host (id, site_id, name) VALUES ({0}, 1, 'h{0}');"
          "INSERT INTO host_category (id, host_id, category_id, is_always_up_to_date) "
          "VALUES ({0}, {0}, 1, 1);"
          "INSERT INTO host_category_url VALUES ({0}, 'https://h{0}/linux');",
          i);
    run(sql);
  }

  void run(const std::string& sql) const { REQUIRE(catalog_.run(sql).empty()); }
  // The first so many hosts are active, the others not.
  void set_active(int hosts) const {
    run(fmt::format("UPDATE host SET is_active = CASE WHEN id <= {} THEN 1 ELSE 0 END", hosts));
  }

  Outcome builder(std::vector<std::string> words) const {
    words.insert(words.end(), {"--catalog", catalog_.url(), "--output", file()});
    return run_program("cache_builder/cache_builder", words);
  }
  Outcome build(std::vector<std::string> words = {}) const {
    words.insert(words.begin(), "build");
    return builder(words);
  }
  // Builds with so many hosts, whatever was before.
  void publish(int hosts) const {
    set_active(hosts);
    const Outcome outcome = build({"--max-loss", "100%"});
    CAPTURE(outcome.output);
    REQUIRE(outcome.status == 0);
  }

  const tests::TemporaryFolder& folder() const { return catalog_.folder(); }
  std::string file() const { return (folder().path() / "snapshot").string(); }
  std::string file(const std::string& ending) const { return file() + ending; }
  std::string bytes() const { return base::read_file(file(), snapshot::kMaxSnapshotBytes); }
  int hosts() const { return snapshot::load_file(file()).snapshot.hosts_size(); }
  // Names below FILE.kept, in order.
  std::vector<std::string> kept() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(file(".kept")))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  tests::ScratchCatalog catalog_;
};

// Is done when this process next brings a file to the disk: what happens meanwhile where that takes
// long.
std::function<void()> during_fsync;

using Names = std::vector<std::string>;

long lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

// In the place of the C library's.
extern "C" int fsync(int fd) {
  if (const auto action = std::exchange(during_fsync, nullptr)) action();
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

TEST_CASE("a snapshot that lost too much is refused and left beside, until somebody forces it") {
  const Site site;
  REQUIRE(site.build().status == 0);
  const std::string before = site.bytes();
  site.set_active(7);
  const Outcome refused = site.build();
  CAPTURE(refused.output);
  CHECK(refused.status == kExitRefused);
  CHECK(lines(refused.output) == 1);
  CHECK_THAT(refused.output,
             Catch::Contains("nothing was published: more than 20% lost: 3 of 10 hosts, hosts of "
                             "repository os x86_64 10 to 7; compare with " +
                             site.file(".refused")));
  CHECK(site.bytes() == before);

  const Outcome diff = site.builder({"diff", site.file(), site.file(".refused")});
  CHECK(diff.status == kExitDiffers);
  CHECK_THAT(diff.output, Catch::Contains("hosts: 10 to 7\n  gone: h8 (s), h9 (s), h10 (s)\n"));
  CHECK(site.builder({"diff", site.file(), site.file()}).status == 0);
  CHECK(site.builder({"diff", site.file(), "/nonexistent/s"}).status == 1);

  CHECK(site.build({"--max-loss", "30%", "--dry-run"}).status == 0);
  CHECK(site.bytes() == before);
  const Outcome forced = site.build({"--force"});
  CHECK(forced.status == 0);
  CHECK_THAT(forced.output,
             Catch::Contains("warning: --force overrides: more than 20% lost: 3 of 10 hosts"));
  CHECK(site.hosts() == 7);
  CHECK_FALSE(std::filesystem::exists(site.file(".refused")));
  CHECK(site.build({"--max-loss", "1"}).status == 2);
}

TEST_CASE("a small repository may lose a host, but not two of three") {
  const Site site(3);
  REQUIRE(site.build().status == 0);
  site.set_active(2);
  CHECK(site.build().status == 0);
  site.set_active(3);
  CHECK(site.build().status == 0);
  site.set_active(1);
  CHECK(site.build().status == kExitRefused);
}

TEST_CASE("a snapshot that fails a probe is refused, the first one as well") {
  const Site site(3);
  const std::string config = site.folder().write(
      "c.toml",
      "[[probe]]\nname = \"everybody\"\nrepository = \"os\"\narchitecture = \"x86_64\"\n"
      "address = \"192.0.2.1\"\nmin_mirrors = 3\n");
  CHECK(site.build({"--config", config}).status == 0);
  std::filesystem::remove(site.file());
  site.set_active(2);
  const Outcome refused = site.build({"--config", config});
  CHECK(refused.status == kExitRefused);
  CHECK_THAT(refused.output,
             Catch::Contains("nothing was published: probe \"everybody\" (repository "
                             "os x86_64, 192.0.2.1) gets 2 of 3 mirrors"));
  CHECK_THAT(refused.output, Catch::Contains("no snapshot at " + site.file() + " yet"));
  CHECK_FALSE(std::filesystem::exists(site.file()));
  CHECK(site.build({"--config", config, "--force"}).status == 0);
  // Nor does a rollback lead to one.
  site.set_active(3);
  CHECK(site.build({"--config", config}).status == 0);
  CHECK(site.builder({"rollback", "--config", config}).status == kExitRefused);
  CHECK(site.hosts() == 3);
}

TEST_CASE("a snapshot in place that cannot be read is nothing to compare with, and is not kept") {
  const Site site;
  REQUIRE(site.build().status == 0);
  std::string damaged = site.bytes();
  damaged.back() ^= 1;
  site.folder().write("snapshot", damaged);
  site.set_active(1);
  const Outcome outcome = site.build();
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.output, Catch::Contains("warning: nothing to compare with: " + site.file() +
                                             ": damaged: the checksum does not match"));
  CHECK(site.hosts() == 1);
  CHECK_FALSE(std::filesystem::exists(site.file(".kept")));
}

TEST_CASE("the last snapshots are kept, each once and without writing it again") {
  const Site site;
  site.publish(10);
  struct stat first {};
  REQUIRE(::stat(site.file().c_str(), &first) == 0);
  REQUIRE(site.build().status == 0);  // nothing changed
  for (int hosts = 9; hosts > 6; --hosts) site.publish(hosts);
  CHECK(site.kept() == Names{"000001", "000002", "000003"});
  CHECK(snapshot::load_file(site.file(".kept/000001")).snapshot.hosts_size() == 10);
  struct stat second {};
  struct stat kept {};
  REQUIRE(::stat(site.file().c_str(), &second) == 0);
  site.publish(6);
  REQUIRE(::stat(site.file(".kept/000004").c_str(), &kept) == 0);
  CHECK(kept.st_ino == second.st_ino);
  CHECK(site.build({"--keep", "2"}).status == 0);
  CHECK(site.kept() == Names{"000003", "000004"});
  CHECK(site.build({"--keep", "0"}).status == 0);
  CHECK(site.kept().empty());
}

TEST_CASE("a rollback goes back one further each time, and builds wait until they are let") {
  const Site site;
  for (const int hosts : {10, 9, 8}) site.publish(hosts);
  const Outcome back = site.builder({"rollback"});
  CAPTURE(back.output);
  CHECK(back.status == 0);
  CHECK_THAT(back.output,
             Catch::StartsWith("snapshot 2, generation ") && Catch::Contains("builds are on hold"));
  CHECK(site.hosts() == 9);
  CHECK(site.kept() == Names{"000001", "000003.withdrawn"});

  const Outcome held = site.build();
  CHECK(held.status == kExitHeld);
  CHECK(lines(held.output) == 1);
  CHECK_THAT(held.output, Catch::Contains("builds are on hold: rolled back on ") &&
                              Catch::Contains("to snapshot 2, ") &&
                              Catch::Contains("cache_builder release"));
  CHECK(site.hosts() == 9);

  REQUIRE(site.builder({"rollback"}).status == 0);
  CHECK(site.hosts() == 10);
  CHECK(site.builder({"rollback"}).status == 1);
  CHECK(site.hosts() == 10);
  const Outcome history = site.builder({"history"});
  CHECK(history.status == 0);
  CHECK_THAT(history.output, Catch::Contains("     3     ") && Catch::Contains(", withdrawn\n") &&
                                 Catch::Contains("in place   ") &&
                                 Catch::Contains("on hold: rolled back on "));

  SECTION("forward again, to one that was withdrawn") {
    REQUIRE(site.builder({"rollback", "--to", "3"}).status == 0);
    CHECK(site.hosts() == 8);
    REQUIRE(site.builder({"rollback"}).status == 0);  // what was in place was not bad
    CHECK(site.hosts() == 10);
  }
  SECTION("to one that does not exist") {
    CHECK(site.builder({"rollback", "--to", "77"}).status == 1);
    CHECK(site.hosts() == 10);
  }
  SECTION("on with building") {
    CHECK(site.builder({"release"}).output == "builds go on\n");
    CHECK(site.builder({"release"}).output == "builds were not on hold\n");
    CHECK(site.build().status == 0);
    CHECK(site.hosts() == 8);
    REQUIRE(site.builder({"rollback", "--no-hold"}).status == 0);
    CHECK(site.hosts() == 10);  // not what was withdrawn
    CHECK(site.build().status == 0);
  }
}

TEST_CASE("what is rolled back to has a new time, for front ends that compare times") {
  const Site site;
  site.publish(10);
  site.publish(9);
  const std::array<timespec, 2> long_ago{{{1, 0}, {1, 0}}};
  REQUIRE(::utimensat(AT_FDCWD, site.file(".kept/000001").c_str(), long_ago.data(), 0) == 0);
  struct stat before {};
  REQUIRE(::stat(site.file().c_str(), &before) == 0);
  REQUIRE(site.builder({"rollback"}).status == 0);
  struct stat after {};
  REQUIRE(::stat(site.file().c_str(), &after) == 0);
  CHECK(after.st_mtim.tv_sec > before.st_mtim.tv_sec);
}

TEST_CASE("a kept snapshot that is damaged is not put back") {
  const Site site;
  for (const int hosts : {10, 9, 8}) site.publish(hosts);
  site.folder().write("snapshot.kept/000002", "rubbish");
  const Outcome outcome = site.builder({"rollback"});
  CHECK(outcome.status == 1);
  CHECK(lines(outcome.output) == 1);
  CHECK_THAT(outcome.output, Catch::Contains("snapshot 2 is not put back: ") &&
                                 Catch::Contains("no Mirrorway snapshot"));
  CHECK(site.hosts() == 8);
  CHECK(site.build().status == 0);  // no hold either
  CHECK_THAT(site.builder({"history"}).output, Catch::Contains("cannot be used: "));
  CHECK(site.builder({"rollback", "--to", "1", "--dry-run"}).status == 0);
  CHECK(site.hosts() == 8);
  CHECK(site.builder({"rollback", "--to", "1"}).status == 0);
  CHECK(site.hosts() == 10);
}

TEST_CASE("builds can be held by hand") {
  const Site site;
  CHECK(site.builder({"hold", "moving the master"}).status == 0);
  CHECK_THAT(site.build().output, Catch::Contains("on hold: moving the master; "));
  CHECK(site.build({"--dry-run"}).status == 0);
  const Outcome forced = site.build({"--force"});
  CHECK(forced.status == 0);
  CHECK_THAT(forced.output,
             Catch::Contains("in spite of the hold, which stays: moving the master"));
  CHECK(site.build().status == kExitHeld);
  CHECK(site.builder({"release"}).status == 0);
  CHECK(site.build().status == 0);
}

TEST_CASE("a hold is not overtaken by the build that waits for the disk") {
  const Site site;
  site.publish(10);
  const std::string before = site.bytes();
  PublishSettings settings;
  settings.output = site.file();
  proto::Snapshot snapshot = snapshot::load_file(site.file()).snapshot;
  snapshot.set_catalog_generation(snapshot.catalog_generation() + 1);
  {
    Publication publication(settings, "a test");
    publication.read_in_place();
    during_fsync = [&] { hold(site.file(), "at once"); };
    CHECK_THROWS_WITH(publication.publish(snapshot, snapshot::FileEncoder(snapshot)),
                      Catch::Contains("builds are on hold: at once"));
  }
  CHECK(site.bytes() == before);
  CHECK(site.builder({"release"}).status == 0);
  site.publish(9);  // as if nothing had been
  CHECK(site.kept() == Names{"000001"});
}

TEST_CASE("a hold says whether a build that runs may still publish") {
  const Site site;
  std::optional<PublicationLock> running(std::in_place, site.file(), "a test",
                                         std::chrono::milliseconds(0));
  const Outcome unsure = site.builder({"hold", "bad catalog", "--lock-wait", "1ms"});
  CHECK(unsure.status == kExitLocked);
  CHECK(lines(unsure.output) == 1);
  CHECK_THAT(unsure.output, Catch::Contains("builds are on hold until \"cache_builder release\", "
                                            "but a last one may still come") &&
                                Catch::Contains("is being published by a test, process "));
  CHECK(find_hold(site.file()) == "bad catalog");
  auto waiting = std::async(std::launch::async, [&] {
    return site.builder({"hold", "worse", "--lock-wait", "1h"});
  });
  CHECK(tests::wait_until([&] { return find_hold(site.file()) == "worse"; }));
  running.reset();
  const Outcome sure = waiting.get();
  CHECK(sure.status == 0);
  CHECK(sure.output == "builds are on hold until \"cache_builder release\"\n");
}

TEST_CASE("a rollback keeps what an older hold says, and says that it goes on") {
  const Site site;
  for (const int hosts : {10, 9, 8}) site.publish(hosts);
  REQUIRE(site.builder({"hold", "moving the master"}).status == 0);
  const Outcome back = site.builder({"rollback", "--no-hold"});
  CHECK(back.status == 0);
  CHECK_THAT(back.output, Catch::Contains("; builds stay on hold: moving the master; "));
  CHECK_THAT(back.output, !Catch::Contains("the next build replaces it"));
  CHECK(site.build().status == kExitHeld);

  REQUIRE(site.builder({"rollback"}).status == 0);
  CHECK_THAT(site.build().output, Catch::Contains("on hold: rolled back on ") &&
                                      Catch::Contains("on hold before that: moving the master;"));
}

TEST_CASE("a rollback that cannot hold builds says how to go without") {
  const Site site;
  site.publish(10);
  site.publish(9);
  std::filesystem::create_directory(site.file(".hold"));  // as good as a full disk
  const Outcome refused = site.builder({"rollback"});
  CHECK(refused.status == 1);
  CHECK(lines(refused.output) == 1);
  CHECK_THAT(refused.output,
             Catch::Contains("nothing was done, as builds cannot be put on hold: ") &&
                 Catch::Contains("--no-hold"));
  CHECK(site.hosts() == 9);
  CHECK(site.builder({"rollback", "--no-hold"}).status == 0);
  CHECK(site.hosts() == 10);
}

TEST_CASE("one process publishes at a time, and its death lets the next one in") {
  const Site site;
  std::array<int, 2> ready{};
  REQUIRE(::pipe(ready.data()) == 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    const PublicationLock lock(site.file(), "a test", std::chrono::milliseconds(0));
    [[maybe_unused]] const ssize_t written = ::write(ready[1], "x", 1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  for (const char* command : {"build", "rollback"}) {
    const Outcome outcome = site.builder({command});
    CAPTURE(outcome.output);
    CHECK(outcome.status == kExitLocked);
    CHECK(lines(outcome.output) == 1);
    CHECK_THAT(outcome.output, Catch::Contains(fmt::format(
                                   "is being published by a test, process {}, since ", holder)));
  }
  CHECK(site.build({"--lock-wait", "100ms"}).status == kExitLocked);
  auto waiting = std::async(std::launch::async, [&] {
    return site.build({"--lock-wait", "1h"}).status;
  });
  REQUIRE(::kill(holder, SIGKILL) == 0);
  REQUIRE(::waitpid(holder, nullptr, 0) == holder);
  CHECK(waiting.get() == 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("builds that meet each other all succeed when they wait") {
  const Site site;
  constexpr std::size_t kBuilds = 4;
  std::vector<std::future<Outcome>> builds;
  builds.reserve(kBuilds);
  while (builds.size() < kBuilds)
    builds.push_back(std::async(std::launch::async, [&] {
      return site.build({"--lock-wait", "1h"});
    }));
  for (auto& build : builds) {
    const Outcome outcome = build.get();
    CAPTURE(outcome.output);
    CHECK(outcome.status == 0);
  }
  CHECK(site.hosts() == 10);
}

TEST_CASE("what a build that was killed has left does no harm and goes away") {
  const Site site;
  site.publish(10);
  site.folder().write(".snapshot.ab12XY", "half of a snapshot");
  // Killed between keeping the old snapshot and renaming the new one over it.
  std::filesystem::create_directory(site.file(".kept"));
  std::filesystem::create_hard_link(site.file(), site.file(".kept/000001"));
  CHECK(site.builder({"rollback"}).status == 1);  // there is none before
  CHECK_THAT(site.builder({"history"}).output, Catch::StartsWith("in place"));
  site.publish(9);
  CHECK_FALSE(std::filesystem::exists(site.folder().path() / ".snapshot.ab12XY"));
  CHECK(site.kept() == Names{"000001"});
  site.folder().write("snapshot.kept/notes.txt", "not ours");
  site.publish(8);
  CHECK(site.kept() == Names{"000001", "000002", "notes.txt"});
}

TEST_CASE("that the old snapshot cannot be kept is no reason not to publish") {
  const Site site;
  site.publish(10);
  site.folder().write("snapshot.kept", "a file where a folder is to be");
  site.set_active(9);
  const Outcome outcome = site.build();
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.output, Catch::Contains("warning: the old snapshot is not kept: "));
  CHECK(site.hosts() == 9);
}

TEST_CASE("an import from MirrorManager is guarded as a build is") {
  const Site site;
  site.publish(10);
  const std::string before = site.bytes();
  const std::string cache = site.folder().write("cache", tests::bytes_of(tests::three_hosts()));
  const Outcome refused = site.builder({"import-mirrormanager", "--cache", cache});
  CHECK(refused.status == kExitRefused);
  CHECK_THAT(refused.output, Catch::Contains("10 of 10 hosts, 1 of 1 repositories"));
  CHECK(site.bytes() == before);
  CHECK(site.builder({"import-mirrormanager", "--cache", cache, "--force"}).status == 0);
  CHECK(site.builder({"rollback"}).status == 0);
  CHECK(site.bytes() == before);
  CHECK(site.builder({"import-mirrormanager", "--cache", cache, "--force"}).status == 0);
  CHECK(site.builder({"import-mirrormanager", "--cache", cache}).status == kExitHeld);
}
