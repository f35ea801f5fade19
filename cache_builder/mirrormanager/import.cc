#include "cache_builder/mirrormanager/import.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "cache_builder/host_sets.h"
#include "cache_builder/mirrormanager/categories.h"
#include "cache_builder/mirrormanager/directories.h"
#include "cache_builder/mirrormanager/files.h"
#include "cache_builder/mirrormanager/redirects.h"
#include "cache_builder/mirrormanager/remarks.h"
#include "cache_builder/mirrormanager/tables.h"
#include "common/base/remarks.h"
#include "common/base/text.h"
#include "common/net/url.h"
#include "common/snapshot/netblock.h"

namespace mirrorway::cache_builder {
namespace {

class Assembler {
 public:
  Assembler(const CacheTables& tables, const SeenDirectories& seen, const CategoryPlan& plan,
            base::Remarks& remarks)
      : tables_(tables), seen_(seen), plan_(plan), remarks_(remarks) {}

  proto::Snapshot run() {
    snapshot_.set_catalog_time(tables_.time);
    add_categories();
    add_hosts();
    add_carriages();
    add_directories();
    add_repositories();
    for (const auto& [from, to] : good_redirects(tables_.redirects, remarks_)) {
      proto::RepositoryRedirect* const added = snapshot_.add_redirects();
      added->set_from(from);
      added->set_to(to);
    }
    for (const auto& [prefix, country] : tables_.netblock_countries) {
      proto::NetblockCountry* const added = snapshot_.add_netblock_countries();
      *added->mutable_netblock() = snapshot::to_proto(prefix);
      added->set_country(std::string(country.text()));
    }
    return std::move(snapshot_);
  }

 private:
  void add_categories() {
    by_name_.resize(plan_.categories.size());
    std::iota(by_name_.begin(), by_name_.end(), 0U);
    std::sort(by_name_.begin(), by_name_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return plan_.categories[a].name < plan_.categories[b].name;
    });
    category_index_.resize(plan_.categories.size());
    for (const std::uint32_t planned : by_name_) {
      category_index_[planned] = static_cast<std::uint32_t>(snapshot_.categories_size());
      proto::Category* const added = snapshot_.add_categories();
      added->set_name(plan_.categories[planned].name);
      added->set_top_directory(plan_.categories[planned].top_directory);
    }
  }

  bool carries_anything(HostNumber host) const {
    return std::any_of(plan_.categories.begin(), plan_.categories.end(),
                       [&](const auto& category) { return category.lists[host] != kNoUrls; });
  }

  void add_hosts() {
    std::vector<HostNumber> numbers;
    for (HostNumber host = 0; host < seen_.hosts.size(); ++host)
      if (carries_anything(host)) numbers.push_back(host);
    std::sort(numbers.begin(), numbers.end(),
              [&](HostNumber a, HostNumber b) { return seen_.hosts[a].id < seen_.hosts[b].id; });
    host_index_.resize(seen_.hosts.size());
    for (const HostNumber number : numbers) {
      host_index_[number] = snapshot_.hosts_size();
      add_host_facts(seen_.hosts[number], *snapshot_.add_hosts());
    }
  }

  void add_host_facts(const SeenHost& seen, proto::Host& host) const {
    const auto found = tables_.hosts.find(seen.id);
    const HostFacts facts = found == tables_.hosts.end() ? HostFacts() : found->second;
    host.set_id(seen.id);
    const auto country = seen.country ? seen.country : facts.country;
    if (country) host.set_country(std::string(country->text()));
    host.set_bandwidth_mbps(facts.bandwidth_mbps);
    host.set_is_private(seen.is_private);
    for (const net::CountryCode code : facts.allowed_countries)
      host.add_allowed_countries(std::string(code.text()));
    for (const std::uint32_t asn : facts.asns) host.add_client_asns(asn);
    for (const net::Prefix& netblock : facts.netblocks)
      *host.add_netblocks() = snapshot::to_proto(netblock);
  }

  // A cache has no names of hosts and sites; what people know a host by is where it is.
  void add_carriages() {
    for (const std::uint32_t planned : by_name_) {
      const PlannedCategory& category = plan_.categories[planned];
      for (HostNumber number = 0; number < category.lists.size(); ++number) {
        if (category.lists[number] == kNoUrls) continue;
        proto::Carriage* const added =
            snapshot_.mutable_hosts(host_index_[number])->add_carriages();
        added->set_category(category_index_[planned]);
        for (const std::string& url : seen_.url_lists[category.lists[number]]) added->add_urls(url);
      }
    }
    for (proto::Host& host : *snapshot_.mutable_hosts()) {
      host.set_name(std::string(net::host_part(host.carriages(0).urls(0))));
      host.set_site(host.name());
    }
  }

  void add_directories() {
    HostSets sets;
    std::vector<std::optional<std::uint32_t>> numbers(seen_.host_sets.size());
    for (std::size_t i = 0; i < seen_.directories.size(); ++i) {
      if (!plan_.of_directory[i]) continue;
      const SeenDirectory& directory = seen_.directories[i];
      auto& number = numbers[directory.host_set];
      if (!number) number = sets.intern(final_set(seen_.host_sets[directory.host_set]));
      proto::Directory* const added = snapshot_.add_directories();
      added->set_path(directory.path);
      added->set_category(category_index_[*plan_.of_directory[i]]);
      added->set_host_set(*number);
    }
    const HostSets::Sorted sorted = sets.sorted();
    for (const std::string& set : sorted.sets) snapshot_.add_host_sets(set);
    for (proto::Directory& directory : *snapshot_.mutable_directories())
      directory.set_host_set(sorted.index_of[directory.host_set()]);
  }

  std::string final_set(const std::string& seen) const {
    std::string set;
    for (const std::size_t number : hosts_in(seen))
      add_host(static_cast<std::size_t>(host_index_[number]), set);
    return set;
  }

  std::optional<int> find_directory(const std::string& path) const {
    const auto& directories = snapshot_.directories();
    const auto found = std::lower_bound(
        directories.begin(), directories.end(), path,
        [](const auto& directory, const auto& wanted) { return directory.path() < wanted; });
    if (found == directories.end() || found->path() != path) return std::nullopt;
    return static_cast<int>(found - directories.begin());
  }

  void add_repositories() {
    auto unseen = tables_.disabled;
    for (const auto& [key, path] : tables_.repositories) {
      const auto& [name, architecture] = key;
      const auto directory = find_directory(path);
      if (!directory) {
        remarks_.add(remark::kRepositoryDirectory, "{}+{} in {}", name, architecture, path);
        continue;
      }
      proto::Repository* const added = snapshot_.add_repositories();
      added->set_name(name);
      added->set_architecture(architecture);
      added->set_directory(static_cast<std::uint32_t>(*directory));
      added->set_is_disabled(tables_.disabled.count(name) != 0);
      unseen.erase(name);
    }
    for (const std::string& name : unseen)
      remarks_.add(remark::kDisabled, "{}", base::printable(name, 80));
  }

  const CacheTables& tables_;
  const SeenDirectories& seen_;
  const CategoryPlan& plan_;
  base::Remarks& remarks_;
  proto::Snapshot snapshot_;
  std::vector<std::uint32_t> by_name_;         // planned categories
  std::vector<std::uint32_t> category_index_;  // in the snapshot, by planned category
  std::vector<int> host_index_;                // in the snapshot, by HostNumber
};

void add_countries(const CacheTables& tables, Continents continents, proto::Snapshot& snapshot,
                   base::Remarks& remarks) {
  for (const auto& [country, continent] : tables.continents) {
    const auto known = continents.find(country);
    if (known != continents.end())
      known->second = continent;
    else
      remarks.add(remark::kContinent, "{} is in no list of countries", country.text());
  }
  for (const auto& [country, continent] : continents) {
    proto::Country* const added = snapshot.add_countries();
    added->set_code(std::string(country.text()));
    added->set_continent(std::string(net::continent_code(continent)));
  }
}

proto::Snapshot assemble_without_files(CacheBytes& bytes, Continents continents,
                                       base::Remarks& remarks) {
  const CacheTables tables = read_tables(bytes, remarks);
  const SeenDirectories seen = read_directories(bytes, tables, remarks);
  const CategoryPlan plan = plan_categories(seen, remarks);
  proto::Snapshot snapshot = Assembler(tables, seen, plan, remarks).run();
  add_countries(tables, std::move(continents), snapshot, remarks);
  return snapshot;
}

}  // namespace

Continents known_continents() {
  Continents continents;
  for (const net::CountryFact& fact : net::known_countries())
    continents.emplace(*net::CountryCode::parse(fact.code), fact.continent);
  return continents;
}

proto::Snapshot import_mirrormanager(CacheBytes& bytes, Continents continents,
                                     std::vector<snapshot::AsnPrefix> asns,
                                     base::Remarks& remarks) {
  proto::Snapshot snapshot = assemble_without_files(bytes, std::move(continents), remarks);
  add_files(bytes, snapshot, remarks);
  bytes.check_unchanged();
  *snapshot.mutable_asns() = snapshot::encode_asn_table(std::move(asns));
  return snapshot;
}

}  // namespace mirrorway::cache_builder
