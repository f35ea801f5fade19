#include "common/base/log.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <regex>
#include <string>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "common/base/fd.h"

using namespace mirrorway::base;

namespace {

enum class Journal { kNone, kHere, kElsewhere };

// What there is to read, to the end or until there is no more now.
std::string read_all(const Fd& fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = ::read(fd.get(), buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  return text;
}

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
  std::string text = read_all(reader);
  ::waitpid(pid, nullptr, 0);
  return text;
}

std::array<Fd, 2> make_pair(bool is_socket) {
  std::array<int, 2> ends{};
  REQUIRE((is_socket ? ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) : ::pipe(ends.data())) ==
          0);
  return {Fd(ends[0]), Fd(ends[1])};
}

int drops = 0;

// In a process of its own: logs until three lines were dropped, says so, and logs again when told.
[[noreturn]] void log_more_than_fits(const Fd& stderr_end, const Fd& told) {
  constexpr unsigned kDeadlineSeconds = 60;
  ::alarm(kDeadlineSeconds);  // whoever waits for stderr ends so
  ::dup2(stderr_end.get(), STDERR_FILENO);
  start_log("prog", LogLevel::kInfo, LogTarget::kJournald, [] { ++drops; });
  while (drops < 3) log(LogLevel::kInfo, "event", "text={}", std::string(1000, 'x'));
  char byte = 0;
  if (::write(told.get(), &byte, 1) != 1 || ::read(told.get(), &byte, 1) != 1) ::_exit(1);
  log(LogLevel::kError, "afterwards");
  log(LogLevel::kError, "again");
  ::_exit(drops == 3 ? 0 : 1);
}

}  // namespace

TEST_CASE("a stderr that nobody reads costs lines, which are counted, and no waiting") {
  const bool is_socket = GENERATE(false, true);
  CAPTURE(is_socket);
  auto [reader, writer] = make_pair(is_socket);
  auto [told, tell] = make_pair(true);
  const pid_t pid = ::fork();
  if (pid == 0) log_more_than_fits(writer, told);
  told.reset();
  char byte = 0;
  REQUIRE(::read(tell.get(), &byte, 1) == 1);
  // Whoever else has this stderr still waits for it.
  CHECK((::fcntl(writer.get(), F_GETFL) & O_NONBLOCK) == 0);
  writer.reset();
  ::fcntl(reader.get(), F_SETFL, O_NONBLOCK);
  std::string text = read_all(reader);
  ::fcntl(reader.get(), F_SETFL, 0);
  REQUIRE(::write(tell.get(), &byte, 1) == 1);
  text += read_all(reader);
  CHECK(text.substr(0, 20) == "<6>event text=xxxxxx");
  const std::regex end("\n<3>afterwards\n<3>again\n$");
  CHECK(std::regex_search(text, end));
  // Told of at once where so short a line still found room.
  int told_of = 0;
  const std::regex drop("<4>log lines dropped count=(\\d+)\n");
  for (auto found = std::sregex_iterator(text.begin(), text.end(), drop);
       found != std::sregex_iterator(); ++found)
    told_of += std::stoi((*found)[1]);
  CHECK(told_of == 3);
  int status = -1;
  ::waitpid(pid, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("a very long line is cut, so that a pipe takes it whole") {
  auto [reader, writer] = make_pair(false);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(writer.get(), STDERR_FILENO);
    start_log("prog", LogLevel::kInfo, LogTarget::kJournald);
    log(LogLevel::kInfo, "event", "text={}", std::string(10'000, 'x'));
    ::_exit(0);
  }
  writer.reset();
  const std::string text = read_all(reader);
  CHECK(text.size() == 4096);
  CHECK(text.back() == '\n');
  ::waitpid(pid, nullptr, 0);
}

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
