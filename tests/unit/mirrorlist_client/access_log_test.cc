#include "mirrorlist_client/access_log.h"

#include <filesystem>

#include <catch2/catch.hpp>

#include "common/base/file.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;
using namespace mirrorway::mirrorlist_client;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMaxBytes = 1 << 20U;

AccessEntry entry(std::string country, std::string repository) {
  return {*net::Address::parse("192.0.2.1"), std::chrono::system_clock::time_point(1'700'000'000s),
          std::move(country), std::move(repository), "x86_64"};
}

}  // namespace

TEST_CASE("a line is what MirrorManager's statistics read") {
  CHECK(format_mirrormanager(entry("DE", "fedora-40")) ==
        "IP: 192.0.2.1; DATE: 2023-11-14; COUNTRY: DE; REPO: fedora-40; ARCH: x86_64");
  CHECK(format_mirrormanager(entry("", "fedora-40")) ==
        "IP: 192.0.2.1; DATE: 2023-11-14; COUNTRY: N/A; REPO: fedora-40; ARCH: x86_64");
}

TEST_CASE("nothing that a client sends can end a line or a field early") {
  CHECK(format_mirrormanager(entry("DE", "a\nb; ARCH: c")) ==
        "IP: 192.0.2.1; DATE: 2023-11-14; COUNTRY: DE; REPO: a\\x0ab_ ARCH: c; ARCH: x86_64");
}

TEST_CASE("lines are appended, and go on in a new file when the old one was moved away") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.write("access.log", "before\n");
  EventLoop loop;
  {
    AccessLog log(loop, path);
    log.add("one");
    std::filesystem::rename(path, path + ".1");
    log.reopen();
    log.add("two");
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
    AccessLog log(loop, path);
    for (int i = 0; i < 5000; ++i) {
      log.add(fmt::format("line {} {}", i, std::string(40, 'x')));
      expected += fmt::format("line {} {}\n", i, std::string(40, 'x'));
    }
  }
  CHECK(base::read_file(path, kMaxBytes) == expected);
}

TEST_CASE("a log that cannot be written costs lines, not memory") {
  EventLoop loop;
  AccessLog log(loop, "/dev/full");
  for (int i = 0; i < 200'000; ++i) log.add(std::string(100, 'x'));
  log.reopen();
  SUCCEED("still here");
}

TEST_CASE("without a path there is no log") {
  EventLoop loop;
  AccessLog log(loop, "");
  CHECK_FALSE(log.is_on());
  log.add("x");
  log.reopen();
}
