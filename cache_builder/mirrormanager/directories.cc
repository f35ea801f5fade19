#include "cache_builder/mirrormanager/directories.h"

#include <algorithm>
#include <map>
#include <span>

#include "cache_builder/host_sets.h"
#include "cache_builder/mirrormanager/remarks.h"
#include "cache_builder/mirrormanager/url_lists.h"
#include "common/base/remarks.h"
#include "common/base/text.h"
#include "common/net/path.h"
#include "common/snapshot/limits.h"

namespace mirrorway::cache_builder {
namespace {

using mirrormanager::DirectoryMirrors;
using mirrormanager::MirrorList;

// Numbers hosts. Ids of databases are small, so that nearly all are found without hashing.
class HostNumbers {
 public:
  // The number of this host, and whether it is the next free one.
  std::pair<HostNumber, bool> number_of(std::uint64_t id) {
    if (id < kSmall && id >= small_.size()) small_.resize(static_cast<std::size_t>(id) + 1);
    HostNumber& known = id < kSmall ? small_[static_cast<std::size_t>(id)] : large_[id];
    const bool is_new = known == 0;
    if (is_new) known = ++count_;
    return {known - 1, is_new};
  }

 private:
  static constexpr std::size_t kSmall = 1 << 16;

  HostNumber count_ = 0;
  std::vector<HostNumber> small_;  // number + 1; grows with the largest id
  std::unordered_map<std::uint64_t, HostNumber> large_;
};

struct Place {
  std::string path;
  std::string top;
};

base::Parsed<Place> place_of(const DirectoryMirrors& entry) {
  auto path = net::parse_path(entry.directory());
  if (!path) return path.refusal();
  const auto subpath = net::parse_path(entry.subpath());
  if (!subpath) return subpath.refusal();
  if (subpath->empty()) return Place{*path, *path};
  if (*path == *subpath) return Place{*path, ""};
  if (!path->ends_with("/" + *subpath))
    return base::refuse("\"{}\" does not end with its subpath \"{}\"", base::printable(*path),
                        base::printable(*subpath));
  return Place{*path, path->substr(0, path->size() - subpath->size() - 1)};
}

class DirectoryReader {
 public:
  DirectoryReader(CacheBytes& bytes, const CacheTables& tables, base::Remarks& remarks)
      : walker_(bytes), tables_(tables), remarks_(remarks), url_lists_(tables.urls, remarks) {}

  SeenDirectories run() {
    while (walker_.next()) {
      if (walker_.number() != MirrorList::kMirrorListCacheFieldNumber) continue;
      walker_.parse(entry_);
      walker_.require(entry_.has_directory(), "directory", DirectoryMirrors::kDirectoryFieldNumber);
      read_entry();
    }
    finish();
    return std::move(seen_);
  }

 private:
  // What an entry says about hosts counts even when its directory cannot be kept: a host that is
  // private anywhere must not become public by that.
  void read_entry() {
    ++serial_;
    for (const std::uint64_t id : entry_.global()) global_in_[number_of(id)] = serial_;
    read_carriers();
    for (const auto& country : entry_.bycountry()) read_country(country);
    const auto place = place_of(entry_);
    if (place)
      add_directory(*place);
    else
      remarks_.add(remark::kDirectory, "{}", place.reason());
  }

  void read_carriers() {
    carriers_.clear();
    for (const auto& carrier : entry_.byhostid()) {
      walker_.require(carrier.has_key(), "ByHostId.key", mirrormanager::IntToInts::kKeyFieldNumber);
      const HostNumber number = number_of(carrier.key());
      SeenHost& host = seen_.hosts[number];
      (global_in_[number] == serial_ ? host.is_global : host.is_private) = true;
      const UrlListNumber list = url_lists_.number_of(
          {carrier.value().data(), static_cast<std::size_t>(carrier.value_size())});
      if (list == kNoUrls || host.is_left_out) continue;
      host.has_urls = true;
      carriers_.emplace_back(number, list);
    }
  }

  void read_country(const mirrormanager::StringToInts& row) {
    const auto country = net::CountryCode::parse(row.key());
    if (!country) {
      if (!row.key().empty() && bad_countries_.insert(row.key()).second)
        remarks_.add(remark::kCountry, "\"{}\" in a directory", base::printable(row.key(), 60));
      return;
    }
    for (const std::uint64_t id : row.value()) {
      const HostNumber number = number_of(id);
      auto& known = seen_.hosts[number].country;
      if (known == country) continue;
      if (known && two_countries_.insert(id).second)
        remarks_.add(remark::kTwoCountries, "host {} in {} and {}", id, known->text(),
                     country->text());
      known = known ? std::min(*known, *country) : *country;
    }
  }

  void add_directory(const Place& place) {
    const std::uint32_t top = top_of(place.top);
    auto& lists = seen_.tops[top].lists;
    lists.resize(std::max(lists.size(), seen_.hosts.size()), kNoUrls);
    SeenDirectory directory{place.path, top, 0, {}};
    std::string set;
    for (const auto& [number, list] : carriers_) {
      if (!add_host_once(number, set)) continue;
      if (lists[number] == kNoUrls) lists[number] = list;
      if (lists[number] != list) directory.exceptions.emplace_back(number, list);
    }
    directory.host_set = sets_.intern(set);
    seen_.directories.push_back(std::move(directory));
  }

  // A host that stands in a directory twice is taken as it stands there first.
  bool add_host_once(HostNumber number, std::string& set) {
    if (carrier_in_[number] == serial_) return false;
    carrier_in_[number] = serial_;
    add_host(number, set);
    return true;
  }

  std::uint32_t top_of(const std::string& path) {
    const auto [place, is_new] = tops_.emplace(path, static_cast<std::uint32_t>(seen_.tops.size()));
    if (is_new) seen_.tops.push_back({path, {}});
    return place->second;
  }

  HostNumber number_of(std::uint64_t id) {
    const auto [number, is_new] = numbers_.number_of(id);
    if (is_new) add_seen_host(id);
    return number;
  }

  void add_seen_host(std::uint64_t id) {
    if (seen_.hosts.size() == snapshot::kMaxHosts)
      throw walker_.error("more than {} hosts", snapshot::kMaxHosts);
    SeenHost host;
    host.id = id;
    const auto facts = tables_.hosts.find(id);
    host.is_left_out = facts != tables_.hosts.end() && facts->second.is_restricted &&
                       facts->second.allowed_countries.empty();
    if (host.is_left_out) remarks_.add(remark::kAllowedNowhere, "host {}", id);
    seen_.hosts.push_back(host);
    global_in_.push_back(0);
    carrier_in_.push_back(0);
  }

  // Brings the directories into their order, which decides everything that comes after: nothing may
  // depend on the order of the cache, which is that of a database without ORDER BY.
  void finish() {
    seen_.url_lists = url_lists_.take();
    HostSets::Sorted sorted = sets_.sorted();
    seen_.host_sets = std::move(sorted.sets);
    auto& directories = seen_.directories;
    for (SeenDirectory& directory : directories)
      directory.host_set = sorted.index_of[directory.host_set];
    std::stable_sort(directories.begin(), directories.end(),
                     [](const auto& a, const auto& b) { return a.path < b.path; });
    const auto is_same = [](const auto& a, const auto& b) { return a.path == b.path; };
    for (std::size_t i = 1; i < directories.size(); ++i)
      if (is_same(directories[i - 1], directories[i]))
        remarks_.add(remark::kDirectoryTwice, "{}", directories[i].path);
    directories.erase(std::unique(directories.begin(), directories.end(), is_same),
                      directories.end());
    add_host_remarks();
  }

  void add_host_remarks() {
    for (const SeenHost& host : seen_.hosts) {
      if (!host.has_urls && !host.is_left_out && (host.is_private || host.is_global))
        remarks_.add(remark::kHostWithoutUrl, "host {}", host.id);
      if (host.is_private && host.is_global)
        remarks_.add(remark::kSometimesPrivate, "host {}", host.id);
    }
  }

  CacheWalker walker_;
  const CacheTables& tables_;
  base::Remarks& remarks_;
  UrlLists url_lists_;
  HostSets sets_;
  SeenDirectories seen_;
  DirectoryMirrors entry_;
  HostNumbers numbers_;
  std::map<std::string, std::uint32_t> tops_;
  std::set<std::string> bad_countries_;
  std::set<std::uint64_t> two_countries_;
  // By HostNumber: the last entry, by its number in the file, that names the host so.
  std::uint64_t serial_ = 0;
  std::vector<std::uint64_t> global_in_;
  std::vector<std::uint64_t> carrier_in_;
  std::vector<std::pair<HostNumber, UrlListNumber>> carriers_;
};

}  // namespace

SeenDirectories read_directories(CacheBytes& bytes, const CacheTables& tables,
                                 base::Remarks& remarks) {
  return DirectoryReader(bytes, tables, remarks).run();
}

}  // namespace mirrorway::cache_builder
