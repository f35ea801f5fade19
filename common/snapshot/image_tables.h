// Tables of prefixes as an image has them, while they are made. Internal to snapshot.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "common/base/error.h"
#include "common/snapshot/asn_table.h"
#include "common/snapshot/image_layout.h"

namespace mirrorway::snapshot {

inline std::uint32_t to_u32(std::size_t value) {
  if (value > UINT32_MAX) throw base::Error("the snapshot is too large for one image");
  return static_cast<std::uint32_t>(value);
}

template <typename Value>
struct PrefixTable {
  std::vector<PrefixRecord> prefixes;
  std::vector<Value> values;
};

// The map's order puts every prefix directly before those inside it, so the prefixes around the
// current one are a stack.
template <typename Value>
PrefixTable<Value> make_prefix_table(const std::map<net::Prefix, std::vector<Value>>& entries) {
  PrefixTable<Value> table;
  std::uint32_t around = PrefixRecord::kNoParent;
  for (const auto& [prefix, values] : entries) {
    while (around != PrefixRecord::kNoParent &&
           !table.prefixes[around].prefix.contains(prefix.address()))
      around = table.prefixes[around].parent;
    const auto begin = to_u32(table.values.size());
    table.values.insert(table.values.end(), values.begin(), values.end());
    table.prefixes.push_back({prefix, around, {begin, to_u32(table.values.size())}});
    around = to_u32(table.prefixes.size() - 1);
  }
  return table;
}

// Prefixes that may lie inside each other, as ranges that do not.
template <typename Number>
class RangeTable {
 public:
  // By address, then length: what is inside comes after what is around it.
  void add(const AsnRow& row) {
    const std::uint64_t first = row.number;
    const unsigned free_bits = std::numeric_limits<Number>::digits - row.length;
    const std::uint64_t last =
        free_bits == 64 ? UINT64_MAX : first + ((std::uint64_t{1} << free_bits) - 1);
    close_before(first);
    start(first, row.asn);
    open_.push_back({last, row.asn});
  }
  void finish() { close_before(UINT64_MAX); }

  // For each value of an address's first bits, from the first start's on, how many starts have
  // lower ones; and all at its end.
  std::vector<std::uint32_t> index() const {
    if (starts_.empty()) return {};
    constexpr unsigned kShift = asn_index_shift<Number>();
    const auto bucket = [&](Number start) {
      return static_cast<std::size_t>((start >> kShift) - (starts_.front() >> kShift));
    };
    std::vector<std::uint32_t> index(bucket(starts_.back()) + 2);
    for (const Number start : starts_) ++index[bucket(start) + 1];
    std::partial_sum(index.begin(), index.end(), index.begin());
    return index;
  }
  const std::vector<Number>& starts() const { return starts_; }
  const std::vector<std::uint32_t>& asns() const { return asns_; }

 private:
  struct Open {
    std::uint64_t last;
    std::uint32_t asn;
  };

  void close_before(std::uint64_t address) {
    while (!open_.empty() && open_.back().last < address) {
      const std::uint64_t next = open_.back().last + 1;
      open_.pop_back();
      if (next <= std::numeric_limits<Number>::max())
        start(next, open_.empty() ? 0 : open_.back().asn);
    }
  }

  void start(std::uint64_t address, std::uint32_t asn) {
    if (!starts_.empty() && starts_.back() == address) {
      asns_.back() = asn;
    } else {
      starts_.push_back(static_cast<Number>(address));
      asns_.push_back(asn);
    }
  }

  std::vector<Open> open_;  // the prefixes around the current one
  std::vector<Number> starts_;
  std::vector<std::uint32_t> asns_;
};

}  // namespace mirrorway::snapshot
