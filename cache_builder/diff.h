// What changed from one snapshot to another, in words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/snapshot.pb.h"

namespace mirrorway::cache_builder {

struct Detail {
  std::string text;                // "country DE to FR"
  std::vector<std::string> items;  // "lost", of which these are the hosts; may be empty

  friend auto operator<=>(const Detail&, const Detail&) = default;
};

// Something that happened, and all that it happened to, in the order of the snapshot.
struct Change {
  std::string kind;  // "gone", "come", "lost mirrors", …
  std::vector<std::string> subjects;
  std::vector<Detail> details;
};

struct Group {
  std::string name;  // "hosts", "directories", …
  std::size_t before;
  std::size_t after;
  std::vector<Change> changes;  // those of one kind stand together
};

struct Difference {
  std::uint64_t generation_before;
  std::uint64_t generation_after;
  std::vector<Group> groups;
  // More than the state of the catalog that they were built from, even if no group has words for
  // it.
  bool is_any;
};

// Of two that have passed validate(). Hosts are the same when their ids are.
Difference compare(const proto::Snapshot& before, const proto::Snapshot& after);

enum class Extent { kSome, kAll };

// Lines for people; kSome cuts long lists.
std::string format_difference(const Difference& difference, Extent extent);
// All of it, as JSON.
std::string format_difference_as_json(const Difference& difference);

}  // namespace mirrorway::cache_builder
