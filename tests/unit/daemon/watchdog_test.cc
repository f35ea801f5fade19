#include "common/daemon/watchdog.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

#include "common/base/fd.h"
#include "common/daemon/successor.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;
using daemon::Watchdog;

namespace {

// In the place of systemd, for as long as it lives.
class Manager {
 public:
  Manager(const std::string& time, const std::optional<std::string>& pid)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const std::string path = folder_.path() / "notify";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ::setenv("WATCHDOG_USEC", time.c_str(), 1);
    if (pid) ::setenv("WATCHDOG_PID", pid->c_str(), 1);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  ~Manager() {
    for (const char* const name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
      ::unsetenv(name);
  }

  // What has been said since the last call; empty: nothing.
  std::string hear() {
    std::string heard(100, '\0');
    const ssize_t n = ::recv(socket_.get(), heard.data(), heard.size(), 0);
    heard.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return heard;
  }

 private:
  tests::TemporaryFolder folder_;
  base::Fd socket_;
};

std::string own_pid() {
  return std::to_string(::getpid());
}

}  // namespace

TEST_CASE("a process that is watched says nothing before half the time is over") {
  Manager manager("600000000", own_pid());
  Watchdog watchdog;
  CHECK(watchdog.time_left() > std::chrono::minutes(4));
  CHECK(watchdog.time_left() <= std::chrono::minutes(5));
  watchdog.tell_when_due();
  CHECK(manager.hear().empty());
}

TEST_CASE("then it says again and again that it lives") {
  Manager manager("2", std::nullopt);
  Watchdog watchdog;
  for (int i = 0; i < 3; ++i) {
    while (watchdog.time_left() > std::chrono::milliseconds(0)) {
    }
    watchdog.tell_when_due();
    CHECK(manager.hear() == "WATCHDOG=1");
  }
}

TEST_CASE("who is not watched says nothing") {
  const std::array<std::pair<const char*, std::string>, 5> cases{
      {{"600000000", "1"},
       {"0", own_pid()},
       {"", own_pid()},
       {"soon", own_pid()},
       {"18446744073709551615", own_pid()}}};
  for (const auto& [time, pid] : cases) {
    INFO(time << " for " << pid);
    Manager manager(time, pid);
    Watchdog watchdog;
    CHECK(!watchdog.time_left());
    watchdog.tell_when_due();
    CHECK(manager.hear().empty());
  }
}

TEST_CASE("a successor is watched in the place of its predecessor") {
  const auto says_who_is_watched = [](const std::string& pid) {
    const Manager manager("600000000", pid);
    daemon::Successor successor({"/bin/sh", "-c", "[ \"$WATCHDOG_PID\" = $$ ] && printf 1 >&3"},
                                {});
    while (successor.state() == daemon::Successor::State::kStarting) {
    }
    return successor.state() == daemon::Successor::State::kReady;
  };
  CHECK(says_who_is_watched(own_pid()));
  CHECK(!says_who_is_watched("1"));
}
