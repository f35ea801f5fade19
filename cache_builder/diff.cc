#include "cache_builder/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "cache_builder/diff_hosts.h"
#include "cache_builder/host_sets.h"
#include "common/snapshot/asn_table.h"
#include "common/snapshot/netblock.h"

namespace mirrorway::cache_builder {
namespace {

constexpr const char* kGone = "gone";
constexpr const char* kCome = "come";
constexpr const char* kMoved = "moved";
constexpr const char* kDisabled = "disabled";
constexpr const char* kEnabled = "enabled";
constexpr const char* kLost = "lost mirrors";
constexpr const char* kGained = "gained mirrors";
constexpr const char* kChanged = "changed";

// In the order in which they are told of.
constexpr std::array<std::string_view, 8> kKinds{kGone,    kCome, kMoved,  kDisabled,
                                                 kEnabled, kLost, kGained, kChanged};

// Tells of everything that changed in the same way together.
class Collector {
 public:
  void add(const std::string& kind, std::string subject, std::vector<Detail> details = {}) {
    const auto [place, is_new] = places_.try_emplace({kind, details}, changes_.size());
    if (is_new) changes_.push_back({kind, {}, std::move(details)});
    changes_[place->second].subjects.push_back(std::move(subject));
  }

  // By kind, the gravest first; of one kind those with the most subjects first.
  std::vector<Change> take() {
    std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) {
      const auto rank_of = [](const Change& change) {
        return std::find(kKinds.begin(), kKinds.end(), change.kind) - kKinds.begin();
      };
      return std::pair(rank_of(a), b.subjects.size()) < std::pair(rank_of(b), a.subjects.size());
    });
    return std::move(changes_);
  }

 private:
  std::map<std::pair<std::string, std::vector<Detail>>, std::size_t> places_;
  std::vector<Change> changes_;
};

// Of two lists in strict order of their keys: calls compare_one for what is in both, and collects
// the rest by name.
template <typename List, typename Key, typename Name, typename Compare>
Group compare_lists(std::string group, const List& before, const List& after, const Key& key,
                    const Name& name, const Compare& compare_one) {
  Collector collector;
  auto old = before.begin();
  auto now = after.begin();
  while (old != before.end() || now != after.end()) {
    if (now == after.end() || (old != before.end() && key(*old) < key(*now))) {
      collector.add(kGone, name(*old++));
    } else if (old == before.end() || key(*now) < key(*old)) {
      collector.add(kCome, name(*now++));
    } else {
      compare_one(*old++, *now++, collector);
    }
  }
  return {std::move(group), static_cast<std::size_t>(before.size()),
          static_cast<std::size_t>(after.size()), collector.take()};
}

// For what has a name and one value.
template <typename List, typename Key, typename Value>
Group compare_values(std::string group, const List& before, const List& after, const Key& key,
                     const Value& value) {
  return compare_lists(
      std::move(group), before, after, key,
      [&](const auto& one) { return fmt::format("{}", key(one)); },
      [&](const auto& old, const auto& now, Collector& collector) {
        if (value(old) != value(now))
          collector.add(kChanged, fmt::format("{}", key(old)),
                        {{fmt::format("{} to {}", value(old), value(now)), {}}});
      });
}

net::Prefix prefix_of(const proto::Netblock& netblock) {
  return *snapshot::prefix_of(netblock);  // validated
}

Group compare_hosts(const proto::Snapshot& before, const proto::Snapshot& after) {
  return compare_lists(
      "hosts", before.hosts(), after.hosts(), [](const proto::Host& host) { return host.id(); },
      host_name,
      [&](const proto::Host& old, const proto::Host& now, Collector& collector) {
        auto details = compare_host(before, old, after, now);
        if (!details.empty()) collector.add(kChanged, host_name(now), std::move(details));
      });
}

// What changed in who carries a directory, for each pair of host sets once.
class MirrorChanges {
 public:
  MirrorChanges(const proto::Snapshot& before, const proto::Snapshot& after)
      : before_(before), after_(after) {
    for (int i = 0; i < before.hosts_size(); ++i) old_index_.emplace(before.hosts(i).id(), i);
    for (int i = 0; i < after.hosts_size(); ++i) new_index_.emplace(after.hosts(i).id(), i);
  }

  struct Exchange {
    std::size_t before;
    std::size_t after;
    // Without hosts that are gone or come altogether: each directory would name them.
    std::vector<std::string> lost;
    std::vector<std::string> gained;
  };

  const Exchange& between(std::uint32_t old_set, std::uint32_t new_set) {
    const auto [found, is_new] = known_.try_emplace({old_set, new_set});
    if (is_new) found->second = compare_sets(old_set, new_set);
    return found->second;
  }

 private:
  using Indexes = std::unordered_map<std::uint64_t, int>;

  // The hosts of `set` that the other snapshot has, but not in its set.
  static std::vector<std::string> missing(const proto::Snapshot& snapshot,
                                          const std::vector<std::size_t>& set,
                                          const Indexes& others,
                                          const std::vector<std::size_t>& other_set) {
    std::vector<std::string> names;
    for (const std::size_t index : set) {
      const proto::Host& host = snapshot.hosts(static_cast<int>(index));
      const auto other = others.find(host.id());
      if (other != others.end() && !std::binary_search(other_set.begin(), other_set.end(),
                                                       static_cast<std::size_t>(other->second)))
        names.push_back(host_name(host));
    }
    return names;
  }

  Exchange compare_sets(std::uint32_t old_set, std::uint32_t new_set) const {
    const auto old_hosts = hosts_in(before_.host_sets(static_cast<int>(old_set)));
    const auto new_hosts = hosts_in(after_.host_sets(static_cast<int>(new_set)));
    return {old_hosts.size(), new_hosts.size(), missing(before_, old_hosts, new_index_, new_hosts),
            missing(after_, new_hosts, old_index_, old_hosts)};
  }

  const proto::Snapshot& before_;
  const proto::Snapshot& after_;
  Indexes old_index_;
  Indexes new_index_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Exchange> known_;
};

std::vector<Detail> compare_files(const proto::Directory& old, const proto::Directory& now) {
  std::vector<Detail> details;
  const auto files = compare_lists(
      {}, old.files(), now.files(),
      [](const proto::File& file) -> const auto& { return file.name(); },
      [](const proto::File& file) { return file.name(); },
      [](const proto::File& a, const proto::File& b, Collector& collector) {
        if (a.SerializeAsString() != b.SerializeAsString()) collector.add(kChanged, a.name());
      });
  for (const Change& change : files.changes)
    details.push_back({"files " + change.kind, change.subjects});
  return details;
}

Group compare_directories(const proto::Snapshot& before, const proto::Snapshot& after) {
  const auto category = [](const proto::Snapshot& snapshot, const proto::Directory& directory) {
    return snapshot.categories(static_cast<int>(directory.category())).name();
  };
  const auto path = [](const proto::Directory& directory) -> const auto& {
    return directory.path();
  };
  MirrorChanges mirrors(before, after);
  return compare_lists(
      "directories", before.directories(), after.directories(), path, path,
      [&](const proto::Directory& old, const proto::Directory& now, Collector& collector) {
        const auto& exchange = mirrors.between(old.host_set(), now.host_set());
        if (!exchange.lost.empty() || !exchange.gained.empty()) {
          std::vector<Detail> details{
              {fmt::format("{} to {}", exchange.before, exchange.after), {}}};
          if (!exchange.lost.empty()) details.push_back({"lost", exchange.lost});
          if (!exchange.gained.empty()) details.push_back({"gained", exchange.gained});
          collector.add(exchange.lost.empty() ? kGained : kLost, now.path(), std::move(details));
        }
        std::vector<Detail> details = compare_files(old, now);
        if (category(before, old) != category(after, now))
          details.push_back(
              {fmt::format("category {} to {}", category(before, old), category(after, now)), {}});
        if (!details.empty()) collector.add(kChanged, now.path(), std::move(details));
      });
}

Group compare_repositories(const proto::Snapshot& before, const proto::Snapshot& after) {
  const auto path = [](const proto::Snapshot& snapshot, const proto::Repository& repository) {
    return snapshot.directories(static_cast<int>(repository.directory())).path();
  };
  const auto name = [](const proto::Repository& repository) {
    return repository.name() + ' ' + repository.architecture();
  };
  return compare_lists(
      "repositories", before.repositories(), after.repositories(),
      [](const proto::Repository& repository) {
        return std::tie(repository.name(), repository.architecture());
      },
      name,
      [&](const proto::Repository& old, const proto::Repository& now, Collector& collector) {
        if (path(before, old) != path(after, now))
          collector.add(kMoved, name(now),
                        {{fmt::format("{} to {}", path(before, old), path(after, now)), {}}});
        if (old.is_disabled() != now.is_disabled())
          collector.add(now.is_disabled() ? kDisabled : kEnabled, name(now));
      });
}

void add_geography(const proto::Snapshot& before, const proto::Snapshot& after,
                   std::vector<Group>& groups) {
  groups.push_back(compare_values(
      "countries", before.countries(), after.countries(),
      [](const proto::Country& country) -> const auto& { return country.code(); },
      [](const proto::Country& country) -> const auto& { return country.continent(); }));
  const auto key = [](const proto::NetblockCountry& entry) { return prefix_of(entry.netblock()); };
  groups.push_back(compare_lists(
      "countries of netblocks", before.netblock_countries(), after.netblock_countries(), key,
      [&](const proto::NetblockCountry& entry) { return key(entry).text(); },
      [&](const proto::NetblockCountry& old, const proto::NetblockCountry& now,
          Collector& collector) {
        if (old.country() != now.country())
          collector.add(kChanged, key(now).text(),
                        {{fmt::format("{} to {}", old.country(), now.country()), {}}});
      }));
  groups.push_back(compare_lists(
      "research networks", before.research_networks(), after.research_networks(), prefix_of,
      [](const proto::Netblock& netblock) { return prefix_of(netblock).text(); },
      [](const auto&, const auto&, Collector&) {}));
  groups.push_back(compare_lists(
      "announced networks", snapshot::decode_asn_table(before.asns()),
      snapshot::decode_asn_table(after.asns()),
      [](const snapshot::AsnPrefix& row) { return row.prefix; },
      [](const snapshot::AsnPrefix& row) { return row.prefix.text(); },
      [](const snapshot::AsnPrefix& old, const snapshot::AsnPrefix& now, Collector& collector) {
        if (old.asn != now.asn)
          collector.add(kChanged, now.prefix.text(),
                        {{fmt::format("AS{} to AS{}", old.asn, now.asn), {}}});
      }));
}

// Without what differs from one state of a catalog to the next in any case.
std::string content_of(proto::Snapshot snapshot) {
  snapshot.clear_catalog_generation();
  snapshot.clear_catalog_time();
  snapshot.clear_builder_revision();
  return snapshot.SerializeAsString();
}

}  // namespace

Difference compare(const proto::Snapshot& before, const proto::Snapshot& after) {
  Difference difference{before.catalog_generation(), after.catalog_generation(), {}, false};
  auto& groups = difference.groups;
  groups.push_back(compare_values(
      "categories", before.categories(), after.categories(),
      [](const proto::Category& category) -> const auto& { return category.name(); },
      [](const proto::Category& category) -> const auto& { return category.top_directory(); }));
  groups.push_back(compare_hosts(before, after));
  groups.push_back(compare_directories(before, after));
  groups.push_back(compare_repositories(before, after));
  groups.push_back(compare_values(
      "redirects", before.redirects(), after.redirects(),
      [](const proto::RepositoryRedirect& redirect) -> const auto& { return redirect.from(); },
      [](const proto::RepositoryRedirect& redirect) -> const auto& { return redirect.to(); }));
  add_geography(before, after, groups);
  difference.is_any = content_of(before) != content_of(after);
  return difference;
}

}  // namespace mirrorway::cache_builder
