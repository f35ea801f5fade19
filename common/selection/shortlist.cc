#include "common/selection/shortlist.h"

#include <algorithm>
#include <array>
#include <bit>

#include "common/selection/rank.h"

namespace mirrorway::selection {
namespace {

using snapshot::HostIndex;

// Counts numbers by size: eight steps an octave, from 2^-96 to 2^32, and all others at either end.
class Histogram {
 public:
  static std::size_t step_of(double positive) {
    constexpr unsigned kMantissaBits = 52;
    constexpr unsigned kStepBits = 3;
    constexpr std::uint64_t kFirst = std::uint64_t{1023 - 96} << kStepBits;
    const std::uint64_t step =
        std::bit_cast<std::uint64_t>(positive) >> (kMantissaBits - kStepBits);
    return static_cast<std::size_t>(std::clamp(step, kFirst, kFirst + kSteps - 1) - kFirst);
  }

  void add(double positive) { ++counts_[step_of(positive)]; }

  // The first step up to which there are as many; there are.
  std::size_t step_of_nth(std::size_t count) const {
    std::size_t sum = 0;
    std::size_t step = 0;
    while ((sum += counts_[step]) < count) ++step;
    return step;
  }

 private:
  static constexpr std::size_t kSteps = 1024;
  std::array<std::uint32_t, kSteps> counts_{};
};

struct Sketch {
  double least;  // a lower bound of the key
  std::uint64_t draw;
};

Candidate look_closely(const snapshot::Image& image, HostIndex host, std::uint64_t draw) {
  return {rank_key(draw, image.hosts()[host].bandwidth_mbps), host};
}

}  // namespace

std::vector<Candidate> shortlist(const snapshot::Image& image, std::uint64_t seed,
                                 std::span<const HostIndex> hosts, std::size_t room) {
  std::vector<Candidate> list;
  list.reserve(std::min(hosts.size(), room + room / 2));
  if (hosts.size() <= room) {
    for (const HostIndex host : hosts)
      list.push_back(look_closely(image, host, host_draw(seed, image.hosts()[host].id)));
    std::sort(list.begin(), list.end());
    return list;
  }
  if (room == 0) return list;

  Histogram histogram;
  std::vector<Sketch> sketches(hosts.size());
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const snapshot::HostRecord& record = image.hosts()[hosts[i]];
    const std::uint64_t draw = host_draw(seed, record.id);
    sketches[i] = {least_rank_key(draw, record.bandwidth_mbps), draw};
    histogram.add(sketches[i].least);
  }
  // The keys of those with the least bounds: the last of the best `room` cannot be behind theirs.
  const std::size_t step = histogram.step_of_nth(room);
  for (std::size_t i = 0; i < hosts.size(); ++i)
    if (Histogram::step_of(sketches[i].least) <= step)
      list.push_back(look_closely(image, hosts[i], sketches[i].draw));
  const auto last = list.begin() + static_cast<std::ptrdiff_t>(room) - 1;
  std::nth_element(list.begin(), last, list.end());
  const double worst = last->key;
  list.erase(last + 1, list.end());
  for (std::size_t i = 0; i < hosts.size(); ++i)
    if (sketches[i].least <= worst && Histogram::step_of(sketches[i].least) > step)
      list.push_back(look_closely(image, hosts[i], sketches[i].draw));
  std::sort(list.begin(), list.end());
  if (list.size() > room) list.erase(list.begin() + static_cast<std::ptrdiff_t>(room), list.end());
  return list;
}

}  // namespace mirrorway::selection
