#include "cache_builder/guards.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <string_view>
#include <tuple>

#include "common/net/url.h"

namespace mirrorway::cache_builder {
namespace {

std::size_t count_bits(std::string_view set) {
  std::size_t count = 0;
  for (const char byte : set)
    count += static_cast<std::size_t>(std::popcount(static_cast<unsigned char>(byte)));
  return count;
}

std::string_view place_of(const proto::Host& host) {
  std::string_view place;
  for (const proto::Carriage& carriage : host.carriages()) {
    for (const std::string& url : carriage.urls()) {
      const std::string_view part = net::host_part(url);
      if (place.empty() || part < place) place = part;
    }
  }
  return place.empty() ? host.name() : place;
}

// A loss of one is never too large, see DESIGN.md.
bool is_too_large(std::size_t before, std::size_t left, base::Share max_loss) {
  return left + 1 < before && base::loses_more_than(max_loss, before, left);
}

auto key(const Census::Repository& repository) {
  return std::tie(repository.name, repository.architecture);
}

std::uint64_t key(std::uint64_t number) {
  return number;
}

// However many new ones there are: clients still ask for the old ones. Several may have one key.
template <typename T>
std::size_t count_gone(const std::vector<T>& before, const std::vector<T>& after) {
  std::size_t gone = 0;
  auto now = after.begin();
  for (const T& old : before) {
    while (now != after.end() && key(*now) < key(old)) ++now;
    if (now != after.end() && key(*now) == key(old))
      ++now;
    else
      ++gone;
  }
  return gone;
}

}  // namespace

Census take_census(const proto::Snapshot& snapshot) {
  Census census;
  const std::hash<std::string_view> hash;
  for (const proto::Host& host : snapshot.hosts()) census.hosts.push_back(hash(place_of(host)));
  for (const proto::Directory& directory : snapshot.directories())
    census.directories.push_back(hash(directory.path()));
  std::sort(census.hosts.begin(), census.hosts.end());
  std::sort(census.directories.begin(), census.directories.end());
  for (const proto::Repository& repository : snapshot.repositories()) {
    if (repository.is_disabled()) continue;
    const auto& directory = snapshot.directories(static_cast<int>(repository.directory()));
    census.repositories.push_back(
        {repository.name(), repository.architecture(),
         count_bits(snapshot.host_sets(static_cast<int>(directory.host_set())))});
  }
  return census;
}

std::vector<std::string> find_heavy_losses(const Census& before, const Census& after,
                                           base::Share max_loss) {
  std::vector<std::string> losses;
  if (max_loss.value >= 1) return losses;
  const auto compare = [&](std::string_view what, const auto& old, const auto& now) {
    const std::size_t gone = count_gone(old, now);
    const bool is_nothing_left = now.empty() && !old.empty();
    if (is_nothing_left || is_too_large(old.size(), old.size() - gone, max_loss))
      losses.push_back(fmt::format("{} of {} {}", gone, old.size(), what));
  };
  compare("hosts", before.hosts, after.hosts);
  compare("directories", before.directories, after.directories);
  compare("repositories", before.repositories, after.repositories);
  auto now = after.repositories.begin();
  for (const Census::Repository& old : before.repositories) {
    while (now != after.repositories.end() && key(*now) < key(old)) ++now;
    if (now == after.repositories.end()) break;
    if (key(*now) == key(old) && is_too_large(old.hosts, now->hosts, max_loss))
      losses.push_back(fmt::format("hosts of repository {} {} {} to {}", old.name, old.architecture,
                                   old.hosts, now->hosts));
  }
  return losses;
}

}  // namespace mirrorway::cache_builder
