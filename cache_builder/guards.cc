#include "cache_builder/guards.h"

#include <fmt/format.h>

#include <bit>
#include <string_view>
#include <tuple>

namespace mirrorway::cache_builder {
namespace {

std::size_t count_bits(std::string_view set) {
  std::size_t count = 0;
  for (const char byte : set)
    count += static_cast<std::size_t>(std::popcount(static_cast<unsigned char>(byte)));
  return count;
}

// A loss of one is never too large, see DESIGN.md.
bool is_too_large(std::size_t before, std::size_t after, base::Share max_loss) {
  return after + 1 < before && base::loses_more_than(max_loss, before, after);
}

auto key(const Census::Repository& repository) {
  return std::tie(repository.name, repository.architecture);
}

}  // namespace

Census take_census(const proto::Snapshot& snapshot) {
  Census census;
  census.hosts = static_cast<std::size_t>(snapshot.hosts_size());
  census.directories = static_cast<std::size_t>(snapshot.directories_size());
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
  const auto add_loss = [&](std::string_view what, std::size_t old_count, std::size_t new_count) {
    losses.push_back(fmt::format("{} {} to {}", what, old_count, new_count));
  };
  const auto compare_totals = [&](std::string_view what, std::size_t old_count,
                                  std::size_t new_count) {
    const bool is_nothing_left = new_count == 0 && old_count > 0;
    if (is_nothing_left || is_too_large(old_count, new_count, max_loss))
      add_loss(what, old_count, new_count);
  };
  compare_totals("hosts", before.hosts, after.hosts);
  compare_totals("directories", before.directories, after.directories);
  compare_totals("repositories", before.repositories.size(), after.repositories.size());
  auto now = after.repositories.begin();
  for (const Census::Repository& old : before.repositories) {
    while (now != after.repositories.end() && key(*now) < key(old)) ++now;
    if (now == after.repositories.end()) break;
    if (key(*now) == key(old) && is_too_large(old.hosts, now->hosts, max_loss))
      add_loss(fmt::format("hosts of repository {} {}", old.name, old.architecture), old.hosts,
               now->hosts);
  }
  return losses;
}

}  // namespace mirrorway::cache_builder
