// bench_networks: what tests/bench/networks is made of.
// - make ROWS: prints that many made-up prefixes, "CIDR ASN" per line, like a routing table.
// - mrt FILE: prints such lines as a routing table in MRT form, as two routers told of them.
// - rows FILE DATABASE: the yardstick of an import, each line of FILE as a row by bare SQLite.
// - lookup SNAPSHOT: nanoseconds of a lookup, and of a bare binary search in as many numbers.
#include <fmt/core.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/net/asn_prefix.h"
#include "common/snapshot/asn_table.h"
#include "common/snapshot/file.h"
#include "common/snapshot/image.h"
#include "tests/support/mrt.h"

namespace {

using namespace mirrorway;

constexpr unsigned kSeed = 1;

// Of this thread: what other processes do counts little.
double processor_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Random {
 public:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(engine_() % bound); }
  net::Address ipv4() {
    std::string bytes = random_bytes(4);
    bytes[0] = static_cast<char>(1 + below(222));
    return *net::Address::from_bytes(bytes);
  }
  // Most of what is announced lies in few blocks.
  net::Address ipv6() {
    constexpr std::array<std::uint16_t, 8> kBlocks{0x2001, 0x2400, 0x2404, 0x2600,
                                                   0x2804, 0x2a00, 0x2a0e, 0x2c0f};
    std::string bytes = random_bytes(16);
    const std::uint16_t block = kBlocks[below(kBlocks.size())];
    bytes[0] = static_cast<char>(block >> 8U);
    bytes[1] = static_cast<char>(block);
    return *net::Address::from_bytes(bytes);
  }

 private:
  std::string random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(engine_());
    return bytes;
  }

  std::mt19937 engine_{kSeed};  // NOLINT(cert-msc32-c,cert-msc51-cpp): every run the same
};

// Four of five IPv4; more than half of those /24, as in the Internet's table of 2026.
int make(std::uint32_t rows) {
  Random random;
  std::set<net::Prefix> prefixes;
  while (prefixes.size() < rows) {
    const bool is_ipv4 = random.below(5) != 0;
    const bool is_common = random.below(5) < 3;
    const unsigned length = is_ipv4 ? (is_common ? 24 : 12 + random.below(12))
                                    : (is_common ? 48 : 29 + random.below(19));
    const auto address = is_ipv4 ? random.ipv4() : random.ipv6();
    prefixes.insert(*net::Prefix::make(address.masked(length), length));
  }
  for (const net::Prefix& prefix : prefixes)
    std::cout << prefix.text() << ' ' << 1 + random.below(400'000) << '\n';
  return 0;
}

int print_as_mrt(const std::string& file) {
  const std::string text = base::read_file(file, 1 << 30);
  tests::Mrt table;
  for (const std::string_view line : base::split(text, '\n')) {
    if (line.empty()) continue;
    const auto row = net::AsnPrefix::parse(line).or_throw(file);
    table.route(row.prefix.text(), {{64'496, row.asn}, {64'497, 64'500, row.asn}});
  }
  std::cout << table.bytes();
  return 0;
}

void require(bool holds, const char* what) {
  if (!holds) throw base::Error("SQLite: {}", what);
}

int insert_rows(const std::string& file, const std::string& database) {
  const std::string text = base::read_file(file, 1 << 30);
  sqlite3* raw = nullptr;
  sqlite3_stmt* insert = nullptr;
  require(sqlite3_open(database.c_str(), &raw) == SQLITE_OK, "open");
  require(sqlite3_exec(raw,
                       "PRAGMA journal_mode = WAL; CREATE TABLE asn_prefix (netblock TEXT PRIMARY "
                       "KEY, asn BIGINT NOT NULL); BEGIN",
                       nullptr, nullptr, nullptr) == SQLITE_OK,
          "create");
  require(sqlite3_prepare_v2(raw, "INSERT INTO asn_prefix VALUES (?, ?)", -1, &insert, nullptr) ==
              SQLITE_OK,
          "prepare");
  for (const std::string_view line : base::split(text, '\n')) {
    if (line.empty()) continue;
    const std::string row_text = net::AsnPrefix::parse(line)->prefix.text();
    sqlite3_bind_text(insert, 1, row_text.data(), static_cast<int>(row_text.size()),
                      SQLITE_TRANSIENT);
    sqlite3_bind_int64(insert, 2, net::AsnPrefix::parse(line)->asn);
    require(sqlite3_step(insert) == SQLITE_DONE, "insert");
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  require(sqlite3_exec(raw, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK, "commit");
  sqlite3_close(raw);
  return 0;
}

// Nanoseconds of processor time for one of `count`, the best of some rounds.
double measure(std::size_t count, const std::function<std::uint64_t()>& work) {
  constexpr int kRounds = 9;
  double best = 1e9;
  std::uint64_t sum = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double start = processor_seconds();
    sum += work();
    best = std::min(best, processor_seconds() - start);
  }
  if (sum == 0) std::cerr << "nothing was found\n";
  return best / static_cast<double>(count) * 1e9;
}

int lookup(const std::string& file) {
  constexpr std::size_t kLookups = 1'000'000;
  const std::string bytes = base::read_file(file, snapshot::kMaxSnapshotBytes);
  const proto::Snapshot snapshot = snapshot::decode_file(bytes);
  double start = processor_seconds();
  std::size_t rows = 0;
  snapshot::for_each_asn_row(snapshot.asns(), [&](const auto&) { ++rows; });
  const double checked = processor_seconds() - start;
  start = processor_seconds();
  const auto block = snapshot::Image::build(snapshot);
  const double built = processor_seconds() - start;
  const snapshot::Image image(block);

  Random random;
  std::vector<net::Address> ipv4;
  std::vector<net::Address> ipv6;
  std::vector<std::uint32_t> sorted;
  std::vector<std::uint32_t> wanted;
  for (std::size_t i = 0; i < kLookups; ++i) {
    ipv4.push_back(random.ipv4());
    ipv6.push_back(random.ipv6());
    wanted.push_back(random.below(UINT32_MAX));
  }
  for (std::size_t i = 0; i < rows; ++i) sorted.push_back(random.below(UINT32_MAX));
  std::sort(sorted.begin(), sorted.end());

  const auto of = [&](const std::vector<net::Address>& addresses) {
    return measure(addresses.size(), [&] {
      std::uint64_t sum = 0;
      for (const net::Address& address : addresses) sum += image.asn_of(address).value_or(0);
      return sum;
    });
  };
  const double ipv4_ns = of(ipv4);
  const double ipv6_ns = of(ipv6);
  const double yardstick = measure(wanted.size(), [&] {
    std::uint64_t sum = 0;
    for (const std::uint32_t number : wanted)
      sum += static_cast<std::uint64_t>(std::lower_bound(sorted.begin(), sorted.end(), number) -
                                        sorted.begin());
    return sum;
  });
  fmt::print("{} {:.1f} {:.1f} {:.1f} {:.0f} {:.0f} {}\n", rows, ipv4_ns, ipv6_ns, yardstick,
             checked * 1e3, built * 1e3, block.size());
  return 0;
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 2 && words[0] == "make")
    return make(static_cast<std::uint32_t>(std::stoul(words[1])));
  if (words.size() == 2 && words[0] == "mrt") return print_as_mrt(words[1]);
  if (words.size() == 3 && words[0] == "rows") return insert_rows(words[1], words[2]);
  if (words.size() == 2 && words[0] == "lookup") return lookup(words[1]);
  std::cerr
      << "usage: bench_networks make ROWS | mrt FILE | rows FILE DATABASE | lookup SNAPSHOT\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "bench_networks: " << error.what() << '\n';
    return 1;
  }
}
