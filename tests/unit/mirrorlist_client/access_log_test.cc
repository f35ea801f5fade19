#include "mirrorlist_client/access_log.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include <catch2/catch.hpp>

#include "common/base/file.h"
#include "mirrorlist_client/metrics.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/wait_until.h"

using namespace mirrorway;
using namespace mirrorway::mirrorlist_client;

namespace {

constexpr std::size_t kMaxBytes = 1 << 20U;

}  // namespace

TEST_CASE("lines are appended, and go on in a new file when the old one was moved away") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.write("access.log", "before\n");
  EventLoop loop;
  {
    AccessLog log(loop, {path});
    log.add_line("one");
    std::filesystem::rename(path, path + ".1");
    log.reopen();
    log.add_line("two");
  }
  CHECK(base::read_file(path + ".1", kMaxBytes) == "before\none\n");
  CHECK(base::read_file(path, kMaxBytes) == "two\n");
}

TEST_CASE("many lines are written whole") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.write("access.log", "");
  EventLoop loop;
  std::string expected;
  {
    AccessLog log(loop, {path});
    for (int i = 0; i < 5000; ++i) {
      log.add_line(fmt::format("line {} {}", i, std::string(40, 'x')));
      expected += fmt::format("line {} {}\n", i, std::string(40, 'x'));
    }
  }
  CHECK(base::read_file(path, kMaxBytes) == expected);
}

TEST_CASE("a log that cannot be written costs lines, which are counted, not memory") {
  SharedMetrics shared(1);
  const auto dropped = [&] { return shared[0].counters.value(Counter::kAccessLinesDropped); };
  EventLoop loop;
  AccessLog log(loop, {"/dev/full"});
  for (int i = 0; i < 100'000; ++i) log.add_line(std::string(100, 'x'));
  CHECK(dropped() > 50'000);
  CHECK(dropped() < 100'000);
  log.reopen();
}

TEST_CASE("a pipe that nobody reads delays nobody") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const base::Fd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  REQUIRE(reader);
  SharedMetrics shared(1);
  EventLoop loop;
  AccessLog log(loop, {path});
  for (int i = 0; i < 100'000; ++i) log.add_line(std::string(100, 'x'));
  CHECK(shared[0].counters.value(Counter::kAccessLinesDropped) > 0);
}

TEST_CASE("a file that cannot be opened anew is logged, and the old one goes on") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.write("access.log", "");
  const std::string moved = path + ".1";
  EventLoop loop;
  {
    AccessLog log(loop, {path});
    log.add_line("one");
    std::filesystem::rename(path, moved);
    std::filesystem::create_directory(path);
    log.reopen();
    log.add_line("two");
  }
  CHECK(base::read_file(moved, kMaxBytes) == "one\ntwo\n");
}

TEST_CASE("a pipe without its reader is an error like others") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  base::Fd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  LogWriter writer(path);
  reader.reset();
  REQUIRE(writer.offer("line\n"));
  CHECK(tests::wait_until([&] { return writer.is_failing(); }));
  CHECK_THAT(writer.take_problem(), Catch::Contains("Broken pipe"));
}

TEST_CASE("without a path there is no log") {
  EventLoop loop;
  AccessLog log(loop, {});
  CHECK_FALSE(log.is_on());
  log.add_line("x");
  log.reopen();
}
