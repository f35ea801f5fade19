#include "common/base/log.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <regex>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "common/base/fd.h"

using namespace mirrorway::base;

namespace {

enum class Journal { kNone, kHere, kElsewhere };

// What a process writes to stderr that logs a debug line and a warning.
std::string logged(LogLevel least, LogTarget target, Journal journal) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(writer.get(), STDERR_FILENO);
    struct stat status {};
    ::fstat(STDERR_FILENO, &status);
    const auto inode = status.st_ino + (journal == Journal::kElsewhere ? 1 : 0);
    const std::string stream = fmt::format("{}:{}", status.st_dev, inode);
    if (journal == Journal::kNone) {
      ::unsetenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe)
    } else {
      ::setenv("JOURNAL_STREAM", stream.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    }
    start_log("prog", least, target);
    log(LogLevel::kDebug, "small event");
    log(LogLevel::kWarning, "event", "key={}", quoted("a\nb"));
    ::_exit(0);
  }
  writer.reset();
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = ::read(reader.get(), buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  ::waitpid(pid, nullptr, 0);
  return text;
}

}  // namespace

TEST_CASE("lines suit the place that they are for") {
  const std::string for_journal = "<4>event key=\"a\\x0ab\"\n";
  const std::regex for_people(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning prog\[\d+\]: event key="a\\x0ab"\n)");
  struct Row {
    const char* name;
    LogTarget target;
    Journal journal;
    bool is_for_journal;
  };
  const Row row = GENERATE(values<Row>({
      {"a terminal", LogTarget::kAuto, Journal::kNone, false},
      {"a unit", LogTarget::kAuto, Journal::kHere, true},
      {"a unit's process with stderr elsewhere", LogTarget::kAuto, Journal::kElsewhere, false},
      {"a unit that wants times", LogTarget::kStderr, Journal::kHere, false},
      {"a pipe to the journal", LogTarget::kJournald, Journal::kNone, true},
  }));
  INFO(row.name);
  const std::string text = logged(LogLevel::kInfo, row.target, row.journal);
  CAPTURE(text);
  if (row.is_for_journal) CHECK(text == for_journal);
  if (!row.is_for_journal) CHECK(std::regex_match(text, for_people));
}

TEST_CASE("lines below the least level are left out") {
  CHECK(logged(LogLevel::kDebug, LogTarget::kJournald, Journal::kNone) ==
        "<7>small event\n<4>event key=\"a\\x0ab\"\n");
  CHECK(logged(LogLevel::kError, LogTarget::kJournald, Journal::kNone).empty());
}

TEST_CASE("log targets are words") {
  CHECK(parse_log_target("auto") == LogTarget::kAuto);
  CHECK(parse_log_target("journald") == LogTarget::kJournald);
  CHECK_THROWS_AS(parse_log_target("syslog"), UsageError);
}
