#include "admin/networks/routes.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::admin {
namespace {

// The part before the next separator; `rest` loses both.
std::string_view take_part(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

std::uint32_t parse_asn(std::string_view text) {
  return static_cast<std::uint32_t>(base::parse_number(text, UINT32_MAX).value_or(0));
}

}  // namespace

base::Parsed<Route> Route::parse(std::string_view line) {
  // Kind of record, time, B, peer, peer's AS, prefix, path, and what does not matter here.
  constexpr std::size_t kFields = 7;
  std::array<std::string_view, kFields> fields;
  std::string_view rest = line;
  for (std::string_view& field : fields) field = take_part(rest, '|');
  if (!fields[0].starts_with("TABLE_DUMP") || fields[2] != "B")
    return base::refuse("\"{}\" is no entry of a routing table", base::printable(line, 60));
  return Route{fields[5], fields[6]};
}

std::uint32_t Route::origin() const {
  std::uint32_t origin = 0;
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::string_view word = take_part(rest, ' ');
    if (word.empty()) continue;
    if (word.front() != '{') {
      origin = parse_asn(word);
    } else if (word.size() > 2 && word.back() == '}' && word.find(',') == std::string_view::npos) {
      origin = parse_asn(word.substr(1, word.size() - 2));
    }
  }
  return origin;
}

bool Route::passes_through(const std::set<std::uint32_t>& asns) const {
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::uint32_t asn = parse_asn(take_part(rest, ' '));
    if (asn != 0 && asns.contains(asn)) return true;
  }
  return false;
}

base::Parsed<net::AsnPrefix> parse_network_line(std::string_view line) {
  if (line.find_first_of(" \t") != std::string_view::npos) return net::AsnPrefix::parse(line);
  const auto prefix = net::Prefix::parse(line);
  if (!prefix) return prefix.refusal();
  return net::AsnPrefix{*prefix, 0};
}

void RouteTable::add(const net::Prefix& prefix, std::uint32_t asn) {
  if (!votes_.empty() && votes_.back().prefix == prefix) return add_again(asn);
  if (votes_.size() >= kMaxNetworkRows) throw base::Error("more than {} rows", kMaxNetworkRows);
  votes_.push_back({prefix, asn, 1});
}

void RouteTable::add_again(std::uint32_t asn) {
  const net::Prefix prefix = votes_.back().prefix;
  for (auto vote = votes_.rbegin(); vote != votes_.rend() && vote->prefix == prefix; ++vote) {
    if (vote->asn != asn) continue;
    ++vote->count;
    return;
  }
  if (votes_.size() >= kMaxNetworkRows) throw base::Error("more than {} rows", kMaxNetworkRows);
  votes_.push_back({prefix, asn, 1});
}

std::vector<net::AsnPrefix> RouteTable::finish() {
  std::sort(votes_.begin(), votes_.end(), [](const Vote& a, const Vote& b) {
    return std::tie(a.prefix, a.asn) < std::tie(b.prefix, b.asn);
  });
  std::vector<net::AsnPrefix> rows;
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < votes_.size();) {
    const Vote& first = votes_[i];
    std::uint64_t count = 0;
    for (; i < votes_.size() && votes_[i].prefix == first.prefix && votes_[i].asn == first.asn; ++i)
      count += votes_[i].count;
    const net::AsnPrefix row{first.prefix, first.asn};
    if (rows.empty() || rows.back().prefix != row.prefix) {
      rows.push_back(row);
      most = count;
    } else if (count > most) {
      rows.back() = row;
      most = count;
    }
  }
  votes_.clear();
  return rows;
}

}  // namespace mirrorway::admin
