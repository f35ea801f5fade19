#include "cache_builder/host_sets.h"

namespace mirrorway::cache_builder {
namespace {

constexpr std::size_t kBits = 8;

}  // namespace

void add_host(std::size_t host, std::string& set) {
  if (set.size() <= host / kBits) set.resize(host / kBits + 1, '\0');
  char& byte = set[host / kBits];
  byte = static_cast<char>(static_cast<unsigned char>(byte) | (1U << (host % kBits)));
}

std::vector<std::size_t> hosts_in(std::string_view set) {
  std::vector<std::size_t> hosts;
  for (std::size_t host = 0; host < set.size() * kBits; ++host)
    if ((static_cast<unsigned char>(set[host / kBits]) & (1U << (host % kBits))) != 0)
      hosts.push_back(host);
  return hosts;
}

std::uint32_t HostSets::intern(const std::string& set) {
  return numbers_.emplace(set, static_cast<std::uint32_t>(numbers_.size())).first->second;
}

HostSets::Sorted HostSets::sorted() const {
  Sorted result;
  result.index_of.resize(numbers_.size());
  for (const auto& [set, number] : numbers_) {
    result.index_of[number] = static_cast<std::uint32_t>(result.sets.size());
    result.sets.push_back(set);
  }
  return result;
}

}  // namespace mirrorway::cache_builder
