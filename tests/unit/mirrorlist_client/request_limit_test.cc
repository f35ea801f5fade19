#include "mirrorlist_client/request_limit.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

using namespace mirrorway;
using namespace mirrorway::mirrorlist_client;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kSeed = 7;
constexpr RequestLimit::Clock::time_point kStart{1h};

net::Address address(const std::string& text) {
  return *net::Address::parse(text);
}

// How many of `count` requests at one moment are let through.
int let_through(RequestLimit& limit, const std::string& client, RequestLimit::Clock::time_point now,
                int count) {
  int passed = 0;
  for (int i = 0; i < count; ++i) passed += limit.refuse(address(client), now) ? 0 : 1;
  return passed;
}

}  // namespace

TEST_CASE("a network may send a burst, then a request for every interval") {
  RequestLimit limit({10, 25}, kSeed, kStart);
  CHECK(let_through(limit, "192.0.2.1", kStart, 100) == 25);
  CHECK(let_through(limit, "192.0.2.1", kStart + 99ms, 100) == 0);
  CHECK(let_through(limit, "192.0.2.1", kStart + 100ms, 100) == 1);
  CHECK(let_through(limit, "192.0.2.1", kStart + 1100ms, 100) == 10);
  // After a pause the whole burst is there again, and no more than that.
  CHECK(let_through(limit, "192.0.2.1", kStart + 1h, 100) == 25);
}

TEST_CASE("who is refused is told how long") {
  RequestLimit limit({10, 1}, kSeed, kStart);
  CHECK_FALSE(limit.refuse(address("192.0.2.1"), kStart).has_value());
  CHECK(limit.refuse(address("192.0.2.1"), kStart) == 100ms);
  CHECK(limit.refuse(address("192.0.2.1"), kStart + 60ms) == 40ms);
  CHECK_FALSE(limit.refuse(address("192.0.2.1"), kStart + 100ms).has_value());
}

TEST_CASE("being refused costs nothing") {
  RequestLimit limit({10, 1}, kSeed, kStart);
  CHECK(let_through(limit, "192.0.2.1", kStart, 10'000) == 1);
  CHECK(let_through(limit, "192.0.2.1", kStart + 100ms, 1) == 1);
}

TEST_CASE("a network is a /24 or a /48") {
  struct Row {
    const char* one;
    const char* other;
    bool is_same;
  };
  const auto row = GENERATE(values<Row>({
      {"192.0.2.1", "192.0.2.255", true},
      {"192.0.2.1", "192.0.3.1", false},
      {"2001:db8:1::1", "2001:db8:1:ffff::1", true},
      {"2001:db8:1::1", "2001:db8:2::1", false},
      {"0.0.0.0", "::", false},
  }));
  CAPTURE(row.one, row.other);
  RequestLimit limit({1, 1}, kSeed, kStart);
  CHECK(let_through(limit, row.one, kStart, 1) == 1);
  CHECK(let_through(limit, row.other, kStart, 1) == (row.is_same ? 0 : 1));
  CHECK((limited_network(address(row.one)) == limited_network(address(row.other))) == row.is_same);
}

TEST_CASE("networks by the hundred thousand neither find each other's buckets nor run out") {
  RequestLimit limit({10, 2}, kSeed, kStart);
  constexpr unsigned kNetworks = 200'000;
  unsigned refused = 0;
  for (unsigned i = 0; i < kNetworks; ++i) {
    const std::string client = fmt::format("{}.{}.{}.1", 1 + i / 65536, i / 256 % 256, i % 256);
    // 10,000 networks a second, each asking once.
    if (limit.refuse(address(client), kStart + i * 100us)) ++refused;
  }
  // Some share a place by chance; none of them for long enough to have two requests counted.
  CHECK(refused == 0);
}

TEST_CASE("a flood is not forgotten for the sake of all the others") {
  RequestLimit limit({10, 1000}, kSeed, kStart);
  CHECK(let_through(limit, "192.0.2.1", kStart, 2000) == 1000);
  for (unsigned i = 0; i < 100'000; ++i)
    limit.refuse(address(fmt::format("{}.{}.{}.1", 1 + i / 65536, i / 256 % 256, i % 256)), kStart);
  CHECK(let_through(limit, "192.0.2.1", kStart, 100) == 0);
}

TEST_CASE("a clock that is behind the start counts as the start") {
  RequestLimit limit({10, 2}, kSeed, kStart);
  CHECK(let_through(limit, "192.0.2.1", kStart - 1min, 10) == 2);
  CHECK(let_through(limit, "192.0.2.1", kStart + 100ms, 10) == 1);
}

TEST_CASE("all processes take from the same buckets") {
  RequestLimit limit({1, 10'000}, kSeed, kStart);
  constexpr int kProcesses = 4;
  constexpr int kEach = 4'000;
  metrics::SharedSlots<std::atomic<int>> passed(1);
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid > 0) continue;
    passed[0] += let_through(limit, "192.0.2.1", kStart, kEach);
    ::_exit(0);
  }
  for (int i = 0; i < kProcesses; ++i) {
    int status = -1;
    REQUIRE(::wait(&status) > 0);
    CHECK(status == 0);
  }
  CHECK(passed[0] >= 10'000);
  CHECK(passed[0] <= 10'000 + 10);  // one that loses a race eight times over is let through
}
