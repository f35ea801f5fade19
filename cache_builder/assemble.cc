#include "cache_builder/assemble.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cache_builder/host_sets.h"
#include "cache_builder/networks.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/net/url.h"
#include "common/snapshot/netblock.h"

namespace mirrorway::cache_builder {
namespace {

using catalog::CarriageId;
using catalog::CategoryId;
using catalog::DirectoryId;
using catalog::HostId;
using snapshot::to_proto;

proto::Host to_proto(const catalog::Host& host, const catalog::Site& site,
                     const std::vector<catalog::CloudRange>& ranges) {
  proto::Host result;
  result.set_id(static_cast<std::uint64_t>(host.id));
  result.set_name(host.name);
  result.set_site(site.name);
  if (host.country) result.set_country(std::string(host.country->text()));
  result.set_city(host.city);
  if (host.latitude) result.set_latitude(*host.latitude);
  if (host.longitude) result.set_longitude(*host.longitude);
  result.set_bandwidth_mbps(host.bandwidth_mbps);
  const bool is_in_cloud = !host.clouds.empty();
  result.set_is_private(host.is_private || site.is_private || is_in_cloud);
  result.set_is_monopoly(host.is_monopoly);
  result.set_is_last_resort(host.is_last_resort);
  result.set_is_research(host.is_research);
  result.set_serves_research(host.serves_research);
  for (const net::CountryCode code : host.allowed_countries)
    result.add_allowed_countries(std::string(code.text()));
  std::set<std::uint32_t> asns(host.client_asns.begin(), host.client_asns.end());
  // The AS of a cloud is all of its regions.
  if (host.asn && host.serves_own_asn && !is_in_cloud) asns.insert(*host.asn);
  for (const std::uint32_t asn : asns) result.add_client_asns(asn);
  for (const net::Prefix& netblock : netblocks_of(host, ranges))
    *result.add_netblocks() = to_proto(netblock);
  return result;
}

std::string digest_bytes(const std::string& hex, const catalog::FileDetail& file) {
  const auto bytes = base::from_hex(hex);
  if (!bytes) throw base::Error("file {}: digest {} is not hexadecimal", file.name, hex);
  return *bytes;
}

// Foreign keys make sure of it, unless somebody wrote with a shell that has them off.
template <typename Index, typename Id>
const auto& need(const Index& index, Id id, std::string_view what) {
  const auto found = index.find(id);
  if (found == index.end())
    throw base::Error("the catalog is damaged: {} {} is named but does not exist", what,
                      static_cast<std::int64_t>(id));
  return found->second;
}

// Where directories stand in the snapshot, in a third of a hash table's memory: there are many.
// Used as one, after sort().
class DirectoryIndex {
 public:
  using Entries = std::vector<std::pair<DirectoryId, int>>;

  void reserve(std::size_t count) { entries_.reserve(count); }
  void add(DirectoryId id, int index) { entries_.emplace_back(id, index); }
  void sort() { std::sort(entries_.begin(), entries_.end()); }

  Entries::const_iterator find(DirectoryId id) const {
    const auto found = std::lower_bound(entries_.begin(), entries_.end(), std::pair(id, 0));
    return found != entries_.end() && found->first == id ? found : entries_.end();
  }
  Entries::const_iterator end() const { return entries_.end(); }
  std::size_t size() const { return entries_.size(); }

 private:
  Entries entries_;
};

// A carriage that is in the snapshot, and its host there.
struct Carrier {
  CarriageId carriage;
  std::size_t host;
};

class Assembler {
 public:
  Assembler(const catalog::CatalogReader& reader, const AssemblyProgress& progress)
      : reader_(reader), progress_(progress) {}

  proto::Snapshot run() {
    const catalog::State state = reader_.state();
    snapshot_.set_catalog_time(static_cast<std::uint64_t>(state.changed_at));
    snapshot_.set_catalog_generation(static_cast<std::uint64_t>(state.generation));
    snapshot_.set_builder_revision(kRevision);
    add_categories();
    add_hosts();
    add_carriages();
    add_directories();
    intern_host_sets();
    add_files();
    add_repositories();
    add_geography();
    return std::move(snapshot_);
  }

 private:
  void add_categories() {
    auto categories = reader_.categories();
    std::sort(categories.begin(), categories.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    for (const catalog::Category& category : categories) {
      category_index_.emplace(category.id, snapshot_.categories_size());
      proto::Category* const added = snapshot_.add_categories();
      added->set_name(category.name);
      added->set_top_directory(category.top_directory);
    }
    always_.resize(categories.size());
    carriers_.resize(categories.size());
  }

  void add_hosts() {
    std::unordered_map<catalog::SiteId, catalog::Site> sites;
    for (catalog::Site& site : reader_.sites()) sites.emplace(site.id, std::move(site));
    const auto ranges = reader_.cloud_ranges();
    for (const catalog::Host& host : reader_.hosts()) {
      const catalog::Site& site = need(sites, host.site, "site");
      if (!host.is_active || !site.is_active) continue;
      host_index_.emplace(host.id, snapshot_.hosts_size());
      *snapshot_.add_hosts() = to_proto(host, site, ranges);
    }
  }

  void add_carriages() {
    auto carriages = reader_.carriages();
    std::stable_sort(carriages.begin(), carriages.end(), [&](const auto& a, const auto& b) {
      return need(category_index_, a.category, "category") <
             need(category_index_, b.category, "category");
    });
    for (catalog::Carriage& carriage : carriages) {
      const auto host = host_index_.find(carriage.host);
      if (host == host_index_.end() || carriage.urls.empty()) continue;
      const auto category =
          static_cast<std::size_t>(need(category_index_, carriage.category, "category"));
      const auto host_bit = static_cast<std::size_t>(host->second);
      carriers_[category].push_back({carriage.id, host_bit});
      if (carriage.is_always_up_to_date) add_host(host_bit, always_[category]);
      proto::Carriage* const added = snapshot_.mutable_hosts(host->second)->add_carriages();
      added->set_category(static_cast<std::uint32_t>(category));
      net::sort_by_preference(carriage.urls);
      for (const std::string& url : carriage.urls) added->add_urls(url);
    }
  }

  // Straight into the message: beside it there is no room for them.
  void add_directories() {
    std::vector<std::pair<proto::Directory*, DirectoryId>> added;
    reader_.for_each_directory([&](catalog::Directory&& directory) {
      proto::Directory* const message = snapshot_.add_directories();
      message->set_path(std::move(directory.path));
      message->set_category(
          static_cast<std::uint32_t>(need(category_index_, directory.category, "category")));
      added.emplace_back(message, directory.id);
    });
    std::sort(added.begin(), added.end(),
              [](const auto& a, const auto& b) { return a.first->path() < b.first->path(); });
    directory_index_.reserve(added.size());
    auto place = snapshot_.mutable_directories()->pointer_begin();
    for (const auto& [message, id] : added) {
      directory_index_.add(id, static_cast<int>(directory_index_.size()));
      *place++ = message;
    }
    directory_index_.sort();
  }

  // The rows come directory by directory, so one set is under work at a time, and within it in the
  // order of carriages, so that the category's carriers are walked beside them.
  void intern_host_sets() {
    HostSets sets;
    std::vector<std::optional<std::uint32_t>> numbers(directory_index_.size());
    std::optional<DirectoryId> current;
    std::size_t index = 0;
    std::uint64_t begun = 0;
    std::span<const Carrier> carriers;
    std::string set;
    reader_.for_each_up_to_date([&](DirectoryId directory, CarriageId carriage) {
      if (directory != current) {
        if (current) numbers[index] = sets.intern(set);
        current = directory;
        progress_(++begun, numbers.size());
        index = static_cast<std::size_t>(need(directory_index_, directory, "directory"));
        set = always_in(index);
        carriers = carriers_[category_of(index)];
      }
      while (!carriers.empty() && carriers.front().carriage < carriage)
        carriers = carriers.subspan(1);
      if (!carriers.empty() && carriers.front().carriage == carriage)
        add_host(carriers.front().host, set);
    });
    if (current) numbers[index] = sets.intern(set);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      if (!numbers[i]) numbers[i] = sets.intern(always_in(i));

    const HostSets::Sorted sorted = sets.sorted();
    for (const std::string& sorted_set : sorted.sets) snapshot_.add_host_sets(sorted_set);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      snapshot_.mutable_directories(static_cast<int>(i))
          ->set_host_set(sorted.index_of[*numbers[i]]);
  }

  std::size_t category_of(std::size_t directory) const {
    return snapshot_.directories(static_cast<int>(directory)).category();
  }

  const std::string& always_in(std::size_t directory) const {
    return always_[category_of(directory)];
  }

  void add_files() {
    std::map<std::pair<int, std::string>, std::vector<proto::FileVersion>> files;
    reader_.for_each_file([&](const catalog::FileDetail& file) {
      proto::FileVersion version;
      version.set_size(static_cast<std::uint64_t>(file.size));
      version.set_timestamp(file.timestamp);
      version.set_md5(digest_bytes(file.md5, file));
      version.set_sha1(digest_bytes(file.sha1, file));
      version.set_sha256(digest_bytes(file.sha256, file));
      version.set_sha512(digest_bytes(file.sha512, file));
      files[{need(directory_index_, file.directory, "directory"), file.name}].push_back(
          std::move(version));
    });
    for (auto& [place, versions] : files) {
      proto::File* const added = snapshot_.mutable_directories(place.first)->add_files();
      added->set_name(place.second);
      for (proto::FileVersion& version : versions) *added->add_versions() = std::move(version);
    }
  }

  void add_repositories() {
    auto repositories = reader_.repositories();
    std::sort(repositories.begin(), repositories.end(), [](const auto& a, const auto& b) {
      return std::tie(a.name, a.architecture) < std::tie(b.name, b.architecture);
    });
    for (const catalog::Repository& repository : repositories) {
      proto::Repository* const added = snapshot_.add_repositories();
      added->set_name(repository.name);
      added->set_architecture(repository.architecture);
      added->set_directory(
          static_cast<std::uint32_t>(need(directory_index_, repository.directory, "directory")));
      added->set_is_disabled(repository.is_disabled);
    }
    auto redirects = reader_.redirects();
    std::sort(redirects.begin(), redirects.end(),
              [](const auto& a, const auto& b) { return a.from < b.from; });
    for (const catalog::Redirect& redirect : redirects) {
      proto::RepositoryRedirect* const added = snapshot_.add_redirects();
      added->set_from(redirect.from);
      added->set_to(redirect.to);
    }
  }

  void add_geography() {
    for (const catalog::Country& country : reader_.countries()) {
      proto::Country* const added = snapshot_.add_countries();
      added->set_code(std::string(country.code.text()));
      added->set_continent(std::string(net::continent_code(country.effective_continent())));
    }
    auto netblocks = reader_.netblock_countries();
    std::sort(netblocks.begin(), netblocks.end(),
              [](const auto& a, const auto& b) { return a.netblock < b.netblock; });
    for (const catalog::NetblockCountry& entry : netblocks) {
      proto::NetblockCountry* const added = snapshot_.add_netblock_countries();
      *added->mutable_netblock() = to_proto(entry.netblock);
      added->set_country(std::string(entry.country.text()));
    }
    for (const net::Prefix& netblock : reader_.research_netblocks())
      *snapshot_.add_research_networks() = to_proto(netblock);
    proto::AsnTable asns = read_asn_table(reader_);
    if (asns.has_ipv4() || asns.has_ipv6()) *snapshot_.mutable_asns() = std::move(asns);
  }

  const catalog::CatalogReader& reader_;
  const AssemblyProgress& progress_;
  proto::Snapshot snapshot_;
  std::unordered_map<CategoryId, int> category_index_;
  std::unordered_map<HostId, int> host_index_;  // the active ones
  DirectoryIndex directory_index_;
  std::vector<std::string> always_;             // by category: the hosts always up to date
  std::vector<std::vector<Carrier>> carriers_;  // by category; by carriage
};

}  // namespace

proto::Snapshot assemble(const catalog::CatalogReader& reader, const AssemblyProgress& progress) {
  return Assembler(reader, progress).run();
}

}  // namespace mirrorway::cache_builder
