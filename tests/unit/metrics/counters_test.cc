#include "common/metrics/counters.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "common/metrics/shared_slots.h"

using namespace mirrorway;
using namespace mirrorway::metrics;

namespace {

enum class Fruit : std::uint8_t { kApples, kPears, kEnd };

// Runs `body` in a forked process and waits for its end.
template <typename Body>
void in_another_process(const Body& body) {
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    body();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  REQUIRE(status == 0);
}

}  // namespace

TEST_CASE("counters start at zero and count apart") {
  Counters<Fruit> fruit;
  fruit.add(Fruit::kPears);
  fruit.add(Fruit::kPears, 4);
  CHECK(fruit.value(Fruit::kApples) == 0);
  fruit.set(Fruit::kApples, 7);
  CHECK(fruit.value(Fruit::kPears) == 5);
  CHECK(fruit.value(Fruit::kApples) == 7);
}

TEST_CASE("what a forked process counts is seen by its parent, and stays when it ends") {
  const SharedSlots<Counters<Fruit>> slots(3);
  for (std::size_t i = 0; i < slots.size(); ++i)
    in_another_process([&] { slots[i].add(Fruit::kApples, i); });
  // The next process of the place counts on.
  in_another_process([&] { slots[2].add(Fruit::kApples); });
  CHECK(slots[0].value(Fruit::kApples) == 0);
  CHECK(slots[1].value(Fruit::kApples) == 1);
  CHECK(slots[2].value(Fruit::kApples) == 3);
}

TEST_CASE("no event is lost when processes count in one place at once") {
  const SharedSlots<Counters<Fruit>> slots(1);
  constexpr int kProcesses = 4;
  constexpr int kEvents = 20'000;
  std::array<pid_t, kProcesses> pids{};
  for (pid_t& pid : pids) {
    pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid > 0) continue;
    for (int i = 0; i < kEvents; ++i) slots[0].add(Fruit::kApples);
    ::_exit(0);
  }
  for (const pid_t pid : pids) REQUIRE(::waitpid(pid, nullptr, 0) == pid);
  CHECK(slots[0].value(Fruit::kApples) == kProcesses * kEvents);
}
