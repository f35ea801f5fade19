#include "common/net/special_purpose.h"

#include <algorithm>
#include <array>
#include <vector>

namespace mirrorway::net {
namespace {

struct Fact {
  std::string_view netblock;
  std::string_view purpose;
};

constexpr auto kFacts = std::to_array<Fact>({
    {"0.0.0.0/8", "of \"this network\" (RFC 791)"},
    {"10.0.0.0/8", "private (RFC 1918)"},
    {"100.64.0.0/10", "shared by carriers (RFC 6598)"},
    {"127.0.0.0/8", "loopback (RFC 1122)"},
    {"169.254.0.0/16", "link-local (RFC 3927)"},
    {"172.16.0.0/12", "private (RFC 1918)"},
    {"192.0.0.0/24", "for protocols (RFC 6890)"},
    {"192.0.2.0/24", "for documentation (RFC 5737)"},
    {"192.88.99.0/24", "that of former 6to4 relays (RFC 7526)"},
    {"192.168.0.0/16", "private (RFC 1918)"},
    {"198.18.0.0/15", "for benchmarks (RFC 2544)"},
    {"198.51.100.0/24", "for documentation (RFC 5737)"},
    {"203.0.113.0/24", "for documentation (RFC 5737)"},
    {"224.0.0.0/4", "multicast (RFC 5771)"},
    {"240.0.0.0/4", "reserved (RFC 1112)"},
    {"2001::/23", "for protocols such as Teredo (RFC 2928)"},
    {"2001:db8::/32", "for documentation (RFC 3849)"},
    {"2002::/16", "6to4, whose clients count as IPv4 (RFC 3056)"},
    {"3fff::/20", "for documentation (RFC 9637)"},
    {"fc00::/7", "private (RFC 4193)"},
    {"fe80::/10", "link-local (RFC 4291)"},
    {"ff00::/8", "multicast (RFC 4291)"},
});
constexpr std::string_view kGlobalIpv6 = "2000::/3";

struct Entry {
  Prefix prefix;
  std::string_view purpose;
};

std::vector<Entry> read_facts() {
  std::vector<Entry> entries;
  entries.reserve(kFacts.size());
  for (const Fact& fact : kFacts) entries.push_back({*Prefix::parse(fact.netblock), fact.purpose});
  return entries;
}

bool overlap(const Prefix& a, const Prefix& b) {
  return a.length() <= b.length() ? a.contains(b.address()) : b.contains(a.address());
}

}  // namespace

std::optional<std::string_view> find_special_purpose(const Prefix& prefix) {
  static const std::vector<Entry> kEntries = read_facts();
  static const Prefix kGlobal = *Prefix::parse(kGlobalIpv6);
  const auto found = std::find_if(kEntries.begin(), kEntries.end(), [&](const Entry& entry) {
    return overlap(entry.prefix, prefix);
  });
  if (found != kEntries.end()) return found->purpose;
  if (prefix.address().family() == Family::kIpv6 && !kGlobal.contains(prefix.address()))
    return "outside of what is given out (RFC 4291)";
  return std::nullopt;
}

std::optional<std::string> find_netblock_problem(const Prefix& prefix) {
  const unsigned least =
      prefix.address().family() == Family::kIpv4 ? kLeastHostIpv4Length : kLeastHostIpv6Length;
  if (prefix.length() < least) return fmt::format("larger than /{}", least);
  const auto purpose = find_special_purpose(prefix);
  return purpose ? std::optional<std::string>(*purpose) : std::nullopt;
}

}  // namespace mirrorway::net
