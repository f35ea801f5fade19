#include "common/metrics/shared_numbers.h"

#include <catch2/catch.hpp>

using namespace mirrorway::metrics;

namespace {

enum class Fruit : std::uint8_t { kApples, kPears, kEnd };

struct Basket {
  Counters<Fruit> counters;
  Histogram ripening;
};

class Market : public SharedNumbers<Basket> {
 public:
  Market() : SharedNumbers(3) {}
  using SharedNumbers::count_at;
  using SharedNumbers::count_for_nobody;
};

Basket& own() {
  return own_numbers<Basket>();
}

}  // namespace

TEST_CASE("numbers of all places are added up, and stay when somebody counts elsewhere") {
  Market market;
  for (const std::size_t place : {0U, 2U, 2U}) {
    market.count_at(place);
    own().counters.add(Fruit::kPears, 10 + place);
    own().ripening.observe(std::chrono::milliseconds(2));
  }
  CHECK(market[0].counters.value(Fruit::kPears) == 10);
  CHECK(market[2].counters.value(Fruit::kPears) == 24);
  CHECK(market.total(Fruit::kPears) == 34);
  CHECK(market.totals() == std::array<std::uint64_t, 2>{0, 34});
  CHECK(market.times(&Basket::ripening).sum == std::chrono::milliseconds(6));
}

TEST_CASE("what is counted before and after there are places, or for nobody, harms nobody") {
  own().counters.add(Fruit::kApples);
  {
    Market market;
    own().counters.add(Fruit::kApples);
    market.count_at(1);
    Market::count_for_nobody();
    own().counters.add(Fruit::kApples);
    CHECK(market.total(Fruit::kApples) == 0);
    market.count_at(1);
  }
  own().counters.add(Fruit::kApples);
}
