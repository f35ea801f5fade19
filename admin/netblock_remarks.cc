#include "admin/netblock_remarks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

namespace mirrorway::admin {
namespace {

using catalog::CloudRange;
using catalog::CloudRegion;
using catalog::Host;
using catalog::HostId;

std::string describe(const Overlap& overlap, const std::unordered_map<HostId, const Host*>& hosts) {
  const std::string& inner = hosts.at(overlap.inner_host)->name;
  const std::string& outer = hosts.at(overlap.outer_host)->name;
  if (overlap.inner == overlap.outer)
    return fmt::format("netblock {} is one of {} and of {}", overlap.inner.text(), outer, inner);
  return fmt::format("netblock {} of {} lies in {} of {}: its clients get {} first",
                     overlap.inner.text(), inner, overlap.outer.text(), outer, inner);
}

std::vector<std::string> cloud_remarks(const catalog::CatalogReader& reader,
                                       const std::vector<const Host*>& hosts) {
  std::vector<std::string> remarks;
  if (std::all_of(hosts.begin(), hosts.end(),
                  [](const Host* host) { return host->clouds.empty(); }))
    return remarks;
  std::set<CloudRegion> known;
  for (const CloudRange& range : reader.cloud_ranges()) known.insert(range.region);
  for (const Host* const host : hosts) {
    for (const CloudRegion& cloud : host->clouds) {
      std::vector<std::string_view> regions;
      for (const CloudRegion& region : known)
        if (region.provider == cloud.provider) regions.push_back(region.region);
      const bool is_known = std::any_of(known.begin(), known.end(), [&](const CloudRegion& region) {
        return cloud.holds(region);
      });
      if (is_known) continue;
      remarks.push_back(
          regions.empty() ? fmt::format("host {}: nothing is known of {} until \"import cloud {}\"",
                                        host->name, cloud.text(), cloud.provider)
                          : fmt::format("host {}: {} is no region of {}; it has {}", host->name,
                                        cloud.text(), cloud.provider, fmt::join(regions, ", ")));
    }
  }
  return remarks;
}

}  // namespace

std::vector<Overlap> find_overlaps(const std::vector<Host>& hosts) {
  std::vector<std::pair<net::Prefix, HostId>> all;
  for (const Host& host : hosts)
    for (const net::Prefix& netblock : host.netblocks) all.emplace_back(netblock, host.id);
  std::sort(all.begin(), all.end());
  std::vector<Overlap> overlaps;
  std::vector<std::pair<net::Prefix, HostId>> around;  // the current one, the widest first
  for (const auto& [netblock, host] : all) {
    while (!around.empty() && !around.back().first.contains(netblock.address())) around.pop_back();
    for (const auto& [outer, outer_host] : around)
      if (outer_host != host) overlaps.push_back({host, netblock, outer_host, outer});
    around.emplace_back(netblock, host);
  }
  return overlaps;
}

std::vector<std::string> network_remarks(const catalog::CatalogReader& reader,
                                         const std::vector<HostId>& concerned) {
  constexpr std::size_t kMostShown = 20;
  const std::set<HostId> ids(concerned.begin(), concerned.end());
  const std::vector<Host> hosts = reader.hosts();
  std::unordered_map<HostId, const Host*> by_id;
  std::vector<const Host*> ours;
  for (const Host& host : hosts) {
    by_id.emplace(host.id, &host);
    if (ids.contains(host.id)) ours.push_back(&host);
  }
  std::vector<std::string> remarks = cloud_remarks(reader, ours);
  std::size_t untold = 0;
  for (const Overlap& overlap : find_overlaps(hosts)) {
    if (!ids.contains(overlap.inner_host) && !ids.contains(overlap.outer_host)) continue;
    if (remarks.size() < kMostShown)
      remarks.push_back(describe(overlap, by_id));
    else
      ++untold;
  }
  if (untold > 0) remarks.push_back(fmt::format("{} more overlaps of netblocks", untold));
  return remarks;
}

}  // namespace mirrorway::admin
