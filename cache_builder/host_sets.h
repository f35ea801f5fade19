// Sets of hosts as the snapshot stores them: bit i of the text stands for host i.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mirrorway::cache_builder {

void add_host(std::size_t host, std::string& set);
// The indexes of the hosts, ascending.
std::vector<std::size_t> hosts_in(std::string_view set);

// Gives equal sets one number.
class HostSets {
 public:
  // A number for this set, which stays valid until the end; not yet the index in the snapshot.
  std::uint32_t intern(const std::string& set);

  struct Sorted {
    std::vector<std::string> sets;        // ascending
    std::vector<std::uint32_t> index_of;  // by number
  };
  Sorted sorted() const;

 private:
  std::map<std::string, std::uint32_t> numbers_;
};

}  // namespace mirrorway::cache_builder
