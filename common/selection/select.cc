#include "common/selection/select.h"

#include <algorithm>
#include <span>

#include "common/selection/rank.h"

namespace mirrorway::selection {
namespace {

using snapshot::count_hosts;
using snapshot::for_each_host;
using snapshot::has_host;
using snapshot::HostIndex;
using snapshot::HostSet;
using snapshot::HostWord;
using snapshot::insert_host;
using snapshot::remove_host;

using HostBits = std::vector<HostWord>;

HostBits intersection(HostSet a, HostSet b) {
  HostBits result(a.begin(), a.end());
  for (std::size_t i = 0; i < result.size(); ++i) result[i] &= b[i];
  return result;
}

void unite(HostBits& into, HostSet other) {
  for (std::size_t i = 0; i < into.size(); ++i) into[i] |= other[i];
}

void subtract(HostBits& from, HostSet other) {
  for (std::size_t i = 0; i < from.size(); ++i) from[i] &= ~other[i];
}

struct Candidate {
  double key;
  HostIndex host;

  friend bool operator<(const Candidate& a, const Candidate& b) {
    return a.key < b.key || (a.key == b.key && a.host < b.host);
  }
};

// One run of select(): `left_` shrinks as tiers take hosts from it.
class Run {
 public:
  Run(const snapshot::Image& image, const Query& query, const Client& client, const Policy& policy,
      std::chrono::system_clock::time_point now)
      : image_(image),
        query_(query),
        client_(client),
        policy_(policy),
        directory_(image.directories()[query.directory]),
        seed_(client_seed(client.address, now, policy.rotation)),
        left_(eligible()) {}

  Selection finish() && {
    if (query_.is_everywhere) {
      take_global();
    } else if (query_.countries.empty() || !take_countries_asked_for()) {
      take_all_tiers();
    }
    if (result_.hosts.size() > policy_.max_mirrors) result_.hosts.resize(policy_.max_mirrors);
    return std::move(result_);
  }

 private:
  HostBits eligible() const {
    const HostSet carriers = image_.carriers(directory_);
    HostBits reachable(carriers.size());
    for (const net::Scheme scheme : net::kSchemes) {
      if (query_.schemes[static_cast<std::size_t>(scheme)])
        unite(reachable, image_.with_scheme(directory_.category, scheme));
    }
    HostBits bits = intersection(carriers, reachable);
    const HostBits restricted = intersection(bits, image_.restricted_hosts());
    for_each_host(HostSet(restricted), [&](HostIndex host) {
      if (!image_.allows(image_.hosts()[host], client_.country)) remove_host(bits, host);
    });
    return bits;
  }

  bool has_enough() const { return result_.hosts.size() >= policy_.min_mirrors; }

  Candidate candidate(HostIndex host) const {
    const snapshot::HostRecord& record = image_.hosts()[host];
    return {rank_key(host_draw(seed_, record.id), record.bandwidth_mbps), host};
  }

  // The best `room` of the hosts, in order. Most of a large tier is never in the answer, and to see
  // that much costs less than a key.
  std::vector<Candidate> best_of(HostSet hosts, std::size_t room) const {
    std::vector<Candidate> best;  // once it is full a heap, the last of them on top
    best.reserve(room);
    for_each_host(hosts, [&](HostIndex host) {
      if (best.size() < room) {
        best.push_back(candidate(host));
        if (best.size() == room) std::make_heap(best.begin(), best.end());
        return;
      }
      const snapshot::HostRecord& record = image_.hosts()[host];
      if (room == 0 ||
          is_surely_behind(host_draw(seed_, record.id), record.bandwidth_mbps, best.front().key))
        return;
      const Candidate better = candidate(host);
      if (!(better < best.front())) return;
      std::pop_heap(best.begin(), best.end());
      best.back() = better;
      std::push_heap(best.begin(), best.end());
    });
    std::sort(best.begin(), best.end());
    return best;
  }

  // Takes these hosts, as far as they are left, as one tier. Returns whether there were any.
  bool take(const HostBits& hosts, Tier tier) {
    const HostBits taken = intersection(left_, hosts);
    const std::size_t count = count_hosts(taken);
    const std::size_t room =
        policy_.max_mirrors - std::min<std::size_t>(result_.hosts.size(), policy_.max_mirrors);
    for (const Candidate& c : best_of(taken, std::min(room, count)))
      result_.hosts.push_back({c.host, tier});
    subtract(left_, taken);
    return count != 0;
  }

  // The public hosts among these; those of last resort only when asked for.
  enum class Resort { kOrdinary, kLast };
  HostBits public_of(HostSet hosts, Resort resort) const {
    HostBits bits = intersection(hosts, image_.public_hosts());
    if (resort == Resort::kLast) return intersection(bits, image_.last_resort_hosts());
    subtract(bits, image_.last_resort_hosts());
    return bits;
  }

  // Ordinary hosts, and those of last resort behind them when there are too few.
  bool take_with_last_resort(HostSet hosts, Tier tier) {
    const bool has_ordinary = take(public_of(hosts, Resort::kOrdinary), tier);
    if (has_enough()) return has_ordinary;
    const bool has_last = take(public_of(hosts, Resort::kLast), tier);
    return has_ordinary || has_last;
  }

  void note_country(net::CountryCode country) {
    auto& noted = result_.countries;
    if (std::find(noted.begin(), noted.end(), country) == noted.end()) noted.push_back(country);
  }

  void take_all_tiers() {
    if (!query_.skips_networks) {
      if (take_netblocks()) return;  // a monopoly
      if (!has_enough()) take_asn();
    }
    if (!has_enough() && client_.country) take_country(*client_.country);
    if (!has_enough() && client_.continent) take_continent(*client_.continent);
    if (!has_enough()) take_global();
  }

  // Longest prefix first. Returns true when a monopoly host is now the whole answer.
  bool take_netblocks() {
    std::vector<Candidate> same_length;
    std::vector<Candidate> all;
    unsigned current = 0;
    const auto flush = [&] {
      std::sort(same_length.begin(), same_length.end());
      all.insert(all.end(), same_length.begin(), same_length.end());
      same_length.clear();
    };
    image_.for_each_netblock_host(client_.address, [&](unsigned length, HostIndex host) {
      if (length != current) flush();
      current = length;
      if (!has_host(left_, host)) return;
      remove_host(left_, host);  // the same host may have a shorter prefix, too
      same_length.push_back(candidate(host));
    });
    flush();
    result_.used_netblocks = !all.empty();
    const auto monopoly = std::find_if(all.begin(), all.end(), [&](const Candidate& c) {
      return image_.hosts()[c.host].is_monopoly;
    });
    if (monopoly != all.end()) {
      result_.hosts = {{monopoly->host, Tier::kNetblock}};
      return true;
    }
    for (const Candidate& c : all) result_.hosts.push_back({c.host, Tier::kNetblock});
    return false;
  }

  void take_asn() {
    if (!client_.asn) return;
    HostBits declared(left_.size());
    for (const snapshot::AsnRecord& record : image_.hosts_of_asn(*client_.asn))
      insert_host(declared, record.host);
    if (take(declared, Tier::kAsn)) result_.used_asn = client_.asn;
  }

  void take_country(net::CountryCode country) {
    if (take(public_of(image_.in_country(country), Resort::kOrdinary), Tier::kCountry))
      note_country(country);
  }

  void take_continent(net::Continent continent) {
    const HostBits before = left_;
    if (take_with_last_resort(image_.in_continent(continent), Tier::kContinent))
      note_countries_taken_since(before);
  }

  // The countries whose hosts have gone from `before`, by code.
  void note_countries_taken_since(const HostBits& before) {
    std::vector<net::CountryCode> countries;
    HostBits taken = before;
    subtract(taken, left_);
    for_each_host(HostSet(taken), [&](HostIndex host) {
      if (const auto c = net::CountryCode::from_index(image_.hosts()[host].country))
        countries.push_back(*c);
    });
    std::sort(countries.begin(), countries.end());
    for (const net::CountryCode country : countries) note_country(country);
  }

  void take_global() {
    result_.used_global = take_with_last_resort(image_.public_hosts(), Tier::kGlobal);
  }

  // False when neither the countries nor their continents have a mirror.
  bool take_countries_asked_for() {
    HostBits there(left_.size());
    HostBits around(left_.size());
    for (const net::CountryCode country : query_.countries) {
      unite(there, image_.in_country(country));
      if (const auto continent = image_.continent_of(country))
        unite(around, image_.in_continent(*continent));
    }
    const HostBits before = left_;
    const bool has_any = take_with_last_resort(HostSet(there), Tier::kCountry) ||
                         take_with_last_resort(HostSet(around), Tier::kContinent);
    note_countries_taken_since(before);
    result_.had_no_mirror_there = !has_any;
    return has_any;
  }

  const snapshot::Image& image_;
  const Query& query_;
  const Client& client_;
  const Policy& policy_;
  const snapshot::DirectoryRecord& directory_;
  std::uint64_t seed_;
  HostBits left_;
  Selection result_;
};

}  // namespace

Selection select(const snapshot::Image& image, const Query& query, const Client& client,
                 const Policy& policy, std::chrono::system_clock::time_point now) {
  return Run(image, query, client, policy, now).finish();
}

}  // namespace mirrorway::selection
