#include "common/snapshot/asn_table.h"

#include <algorithm>
#include <array>
#include <random>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "common/snapshot/image.h"
#include "tests/support/network.h"

using namespace mirrorway;
using snapshot::AsnPrefix;
using snapshot::decode_asn_table;

namespace {

AsnPrefix row(const char* cidr, std::uint32_t asn) {
  return {*net::Prefix::parse(cidr), asn};
}

std::vector<AsnPrefix> nested() {
  return {row("0.0.0.0/0", 1),       row("10.0.0.0/8", 2),      row("10.0.0.0/24", 3),
          row("10.255.255.0/24", 4), row("255.255.255.255", 5), row("::/0", 6),
          row("2001:db8::/32", 7),   row("2001:db8::/64", 8),   row("2001:db8:0:1::/64", 9),
          row("ffff:ffff::/32", 10)};
}

class Table {
 public:
  explicit Table(const std::vector<AsnPrefix>& rows) {
    proto::Snapshot snapshot = tests::Network().snapshot();
    *snapshot.mutable_asns() = snapshot::encode_asn_table(rows);
    block_ = snapshot::Image::build(snapshot);
    image_.emplace(block_);
  }
  std::uint32_t find(const net::Address& address) const {
    return image_->asn_of(address).value_or(0);
  }

 private:
  std::vector<std::byte> block_;
  std::optional<snapshot::Image> image_;
};

// The longest match as a textbook has it: a node for every bit. Shares nothing with the image.
class Trie {
 public:
  // The number is at the top of its 64 bits.
  void add(std::uint64_t number, unsigned length, std::uint32_t asn) {
    std::size_t node = 0;
    for (; length > 0; --length, number <<= 1U) {
      std::size_t& next = nodes_[node].next[number >> 63U];
      if (next == 0) next = nodes_.size();
      node = next;
      if (node == nodes_.size()) nodes_.emplace_back();
    }
    nodes_[node].asn = asn;
  }
  std::uint32_t find(std::uint64_t number) const {
    std::uint32_t found = nodes_[0].asn;
    for (std::size_t node = nodes_[0].next[number >> 63U]; node != 0;) {
      if (nodes_[node].asn != 0) found = nodes_[node].asn;
      number <<= 1U;
      node = nodes_[node].next[number >> 63U];
    }
    return found;
  }

 private:
  struct Node {
    std::array<std::size_t, 2> next{};
    std::uint32_t asn = 0;
  };

  std::vector<Node> nodes_{1};
};

net::Address address_at(std::uint64_t number, net::Family family) {
  std::array<char, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (56 - 8 * i));
  return *net::Address::from_bytes({bytes.data(), family == net::Family::kIpv4 ? 4U : 16U});
}

}  // namespace

TEST_CASE("rows survive the columns, sorted") {
  auto rows = nested();
  std::reverse(rows.begin(), rows.end());
  std::swap(rows[1], rows[6]);
  CHECK(decode_asn_table(snapshot::encode_asn_table(rows)) == nested());
}

TEST_CASE("what the table cannot hold is left out") {
  const auto table = snapshot::encode_asn_table(
      {row("10.0.0.0/8", 0), row("2001:db8::/65", 1), row("10.0.0.0/9", 2), row("10.0.0.0/9", 3)});
  CHECK(decode_asn_table(table) == std::vector{row("10.0.0.0/9", 3)});
}

TEST_CASE("the longest announced prefix counts") {
  struct Row {
    const char* address;
    std::uint32_t asn;
  };
  const Table table(nested());
  const auto row = GENERATE(values<Row>({{"0.0.0.0", 1},
                                         {"9.255.255.255", 1},
                                         {"10.0.0.0", 3},
                                         {"10.0.1.0", 2},
                                         {"10.255.255.255", 4},
                                         {"11.0.0.0", 1},
                                         {"255.255.255.255", 5},
                                         {"::", 6},
                                         {"2001:db8::ffff", 8},
                                         {"2001:db8:0:1::", 9},
                                         {"2001:db8:0:2::", 7},
                                         {"2001:db9::", 6},
                                         {"ffff:ffff:ffff:ffff::", 10}}));
  CAPTURE(row.address);
  CHECK(table.find(tests::address(row.address)) == row.asn);
}

TEST_CASE("addresses that nobody announces have no ASN") {
  const Table table({row("10.0.0.0/8", 1)});
  for (const char* text : {"9.255.255.255", "11.0.0.0", "::", "2001:db8::"})
    CHECK(table.find(tests::address(text)) == 0);
}

TEST_CASE("the longest match agrees with a search through all rows") {
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): every run the same
  std::vector<AsnPrefix> rows;
  for (std::uint32_t i = 1; i <= 2000; ++i) {
    std::string bytes(4, '\0');
    bytes[0] = static_cast<char>(random() % 4);
    bytes[1] = static_cast<char>(random());
    bytes[2] = static_cast<char>(random());
    const auto length = static_cast<unsigned>(6 + random() % 27);
    rows.push_back(
        {*net::Prefix::make(net::Address::from_bytes(bytes)->masked(length), length), i});
  }
  const auto kept = decode_asn_table(snapshot::encode_asn_table(rows));
  const Table table(rows);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(4, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    bytes[0] = static_cast<char>(bytes[0] & 3);
    const auto address = *net::Address::from_bytes(bytes);
    const AsnPrefix* best = nullptr;
    for (const AsnPrefix& candidate : kept)
      if (candidate.prefix.contains(address) &&
          (best == nullptr || candidate.prefix.length() > best->prefix.length()))
        best = &candidate;
    REQUIRE(table.find(address) == (best == nullptr ? 0 : best->asn));
  }
}

TEST_CASE("a million random addresses of both families find what a trie finds") {
  const auto family = GENERATE(net::Family::kIpv4, net::Family::kIpv6);
  const unsigned most_bits = family == net::Family::kIpv4 ? 32 : 64;
  std::mt19937_64 random(11);  // NOLINT(cert-msc32-c,cert-msc51-cpp): every run the same
  // Prefixes inside prefixes and beside them: each begins as one of those before it does.
  std::vector<std::uint64_t> numbers{0};
  std::vector<AsnPrefix> rows;
  Trie trie;
  const auto near = [&] {
    const std::uint64_t past = UINT64_MAX >> random() % most_bits;
    const std::uint64_t start = numbers[random() % numbers.size()] & ~past;
    return start | (random() & past);
  };
  for (std::uint32_t asn = 1; asn <= 10'000; ++asn) {
    const auto length = static_cast<unsigned>(8 + random() % (most_bits - 7));
    const std::uint64_t number = near() & ~(UINT64_MAX >> (length - 1) >> 1U);
    numbers.push_back(number);
    rows.push_back({*net::Prefix::make(address_at(number, family), length), asn});
    trie.add(number, length, asn);
  }
  const Table table(rows);
  std::size_t found = 0;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < 500'000; ++i) {
    const std::uint64_t number = near();
    const std::uint32_t expected = trie.find(number);
    if (expected != 0) ++found;
    if (table.find(address_at(number, family)) != expected) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(found > 100'000);
  CHECK(found < 490'000);
}

TEST_CASE("columns that are no table are refused") {
  const auto good = snapshot::encode_asn_table(nested());
  struct Row {
    const char* what;
    void (*damage)(proto::AsnTable&);
  };
  const auto damage = GENERATE(values<Row>({
      {"an ASN too many", [](proto::AsnTable& t) { t.mutable_ipv4()->add_asns(1); }},
      {"a length too few",
       [](proto::AsnTable& t) { t.mutable_ipv6()->mutable_lengths()->pop_back(); }},
      {"an address past the end",
       [](proto::AsnTable& t) { t.mutable_ipv4()->set_address_steps(1, UINT64_MAX); }},
      {"a row twice",
       [](proto::AsnTable& t) {
         t.mutable_ipv4()->add_address_steps(0);
         t.mutable_ipv4()->mutable_lengths()->push_back(32);
         t.mutable_ipv4()->add_asns(1);
       }},
      {"bits past the length",
       [](proto::AsnTable& t) { t.mutable_ipv4()->set_address_steps(1, 1); }},
      {"no ASN", [](proto::AsnTable& t) { t.mutable_ipv4()->set_asns(0, 0); }},
  }));
  CAPTURE(damage.what);
  proto::AsnTable table = good;
  damage.damage(table);
  CHECK_THROWS_AS(decode_asn_table(table), base::Error);
}
