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
  const auto owner_of = [&](const Claim& claim) {
    return hosts.at(claim.host)->name + (claim.is_of_cloud ? "'s cloud" : "");
  };
  const auto& [inner, outer] = overlap;
  if (inner.netblock == outer.netblock)
    return fmt::format("netblock {} is one of {} and of {}", inner.netblock.text(), owner_of(outer),
                       owner_of(inner));
  return fmt::format("netblock {} of {} lies in {} of {}: its clients get {} first",
                     inner.netblock.text(), owner_of(inner), outer.netblock.text(), owner_of(outer),
                     hosts.at(inner.host)->name);
}

std::vector<std::string> cloud_remarks(const std::vector<CloudRange>& ranges,
                                       const std::vector<const Host*>& hosts) {
  std::vector<std::string> remarks;
  std::set<CloudRegion> known;
  for (const CloudRange& range : ranges) known.insert(range.region);
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

std::vector<Overlap> find_overlaps(const std::vector<Host>& hosts,
                                   const std::vector<CloudRange>& ranges) {
  std::vector<Claim> all;
  for (const Host& host : hosts) {
    for (const net::Prefix& netblock : host.netblocks) all.push_back({netblock, host.id, false});
    for (const net::Prefix& netblock : cloud_netblocks(host, ranges))
      all.push_back({netblock, host.id, true});
  }
  std::sort(all.begin(), all.end());
  std::vector<Overlap> overlaps;
  std::vector<Claim> around;  // the current one, the widest first
  for (const Claim& claim : all) {
    while (!around.empty() && !around.back().netblock.contains(claim.netblock.address()))
      around.pop_back();
    for (const Claim& outer : around)
      if (outer.host != claim.host && !(outer.is_of_cloud && claim.is_of_cloud))
        overlaps.push_back({claim, outer});
    around.push_back(claim);
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
  const bool stands_one_in_a_cloud = std::any_of(
      hosts.begin(), hosts.end(), [](const Host& host) { return !host.clouds.empty(); });
  std::vector<CloudRange> ranges;
  if (stands_one_in_a_cloud) ranges = reader.cloud_ranges();
  std::vector<std::string> remarks = cloud_remarks(ranges, ours);
  std::size_t untold = 0;
  for (const Overlap& overlap : find_overlaps(hosts, ranges)) {
    if (!ids.contains(overlap.inner.host) && !ids.contains(overlap.outer.host)) continue;
    if (remarks.size() < kMostShown)
      remarks.push_back(describe(overlap, by_id));
    else
      ++untold;
  }
  if (untold > 0) remarks.push_back(fmt::format("{} more overlaps of netblocks", untold));
  return remarks;
}

}  // namespace mirrorway::admin
