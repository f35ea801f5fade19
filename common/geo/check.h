// Verifies a MaxMind DB file from end to end, so that no later lookup can leave it. Format:
// https://maxmind.github.io/MaxMind-DB/ (version 2.0).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mirrorway::geo {

// As numbered by the format.
enum class MmdbType : std::uint8_t {
  kPointer = 1,
  kString = 2,
  kDouble = 3,
  kBytes = 4,
  kUint16 = 5,
  kUint32 = 6,
  kMap = 7,
  kInt32 = 8,
  kUint64 = 9,
  kUint128 = 10,
  kArray = 11,
  kBoolean = 14,
  kFloat = 15,
};

struct MmdbFacts {
  std::uint32_t node_count = 0;
  std::uint32_t record_bits = 0;  // 24, 28 or 32
  std::uint32_t ip_version = 0;   // 4 or 6
  std::uint64_t build_epoch = 0;  // Unix seconds, as the file claims
  // For each of the names asked for: bit N is set when some record has a top-level field of that
  // name with the type numbered N.
  std::vector<std::uint32_t> field_types;
};

// Checks the metadata, every tree node that an address can reach, and every record that one leads
// to: offsets, lengths, types, nesting, names. Bounded: linear in the size of the file, nesting to
// 64 levels. Throws base::Error with the reason, without the file's name.
MmdbFacts check_mmdb(std::string_view bytes, std::span<const std::string_view> field_names);

}  // namespace mirrorway::geo
