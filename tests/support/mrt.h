// A routing table in MRT form (RFC 6396, TABLE_DUMP_V2), written byte by byte.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "common/net/address.h"

namespace mirrorway::tests {

class Mrt {
 public:
  using Path = std::vector<std::uint32_t>;  // of AS numbers, nearest first

  Mrt() {
    std::string peers = be(0xC0000201, 4) + be(0, 2) + be(kPeers, 2);  // collector, no view name
    for (std::uint32_t i = 0; i < kPeers; ++i)
      peers += be(2, 1) + be(0xC0000201 + i, 4) + be(0xC0000201 + i, 4) + be(64496 + i, 4);
    bytes_ = record(1, peers);
  }

  // One path of each peer that has the prefix.
  Mrt& route(const std::string& cidr, const std::vector<Path>& paths) {
    const auto prefix = net::Prefix::parse(cidr).or_throw("test");
    const bool is_ipv4 = prefix.address().family() == net::Family::kIpv4;
    std::string entry = be(sequence_++, 4) + be(prefix.length(), 1);
    entry += prefix.address().bytes().substr(0, (prefix.length() + 7) / 8);
    entry += be(paths.size(), 2);
    for (std::size_t peer = 0; peer < paths.size(); ++peer) {
      const std::string attributes = attributes_of(paths[peer]);
      entry += be(peer, 2) + be(kTime, 4) + be(attributes.size(), 2) + attributes;
    }
    bytes_ += record(is_ipv4 ? 2 : 4, entry);
    return *this;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  static constexpr std::uint32_t kTime = 1'700'000'000;
  static constexpr std::uint32_t kPeers = 8;

  static std::string be(std::uint64_t number, std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
      text[size - 1 - i] = static_cast<char>(number >> (8 * i));
    return text;
  }

  static std::string record(std::uint32_t subtype, const std::string& body) {
    return be(kTime, 4) + be(13, 2) + be(subtype, 2) + be(body.size(), 4) + body;
  }

  // ORIGIN, AS_PATH as one sequence, NEXT_HOP.
  static std::string attributes_of(const Path& path) {
    std::string segment;
    if (!path.empty()) segment = be(2, 1) + be(path.size(), 1);
    for (const std::uint32_t asn : path) segment += be(asn, 4);
    return be(0x40010100, 4) + be(0x5002, 2) + be(segment.size(), 2) + segment + be(0x400304, 3) +
           be(0xC0000201, 4);
  }

  std::string bytes_;
  std::uint32_t sequence_ = 0;
};

}  // namespace mirrorway::tests
