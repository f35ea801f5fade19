#include "common/selection/select.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "common/selection/rank.h"
#include "common/selection/shortlist.h"

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

// A host whose place is not known is behind those that are known to be near, and before those that
// are known to be far.
constexpr Band kUnknownBand = Band::k2500Km;

constexpr std::size_t kBands = 4;

Band band_of(double nearness) {
  // The cosines of 500, 1,000 and 2,500 km as angles from the Earth's centre.
  constexpr double k500Km = 0.9969219853458401;
  constexpr double k1000Km = 0.9877068897317828;
  constexpr double k2500Km = 0.9239929756129139;
  if (nearness >= k500Km) return Band::k500Km;
  if (nearness >= k1000Km) return Band::k1000Km;
  return nearness >= k2500Km ? Band::k2500Km : Band::kBeyond;
}

// One run of select(): `left_` shrinks as tiers take hosts from it.
class Run {
 public:
  Run(const snapshot::Image& image, const Query& query, const Client& client, const Policy& policy,
      std::chrono::system_clock::time_point now)
      : image_(image),
        query_(query),
        client_(client),
        policy_(policy),
        category_(image.directories()[query.directories.front()].category),
        seed_(client_seed(client.address, now, policy.rotation)),
        left_(eligible()),
        taken_(left_.size()) {
    if (query.explains) eligible_ = left_;
  }

  Selection finish() && {
    if (query_.is_everywhere) {
      take_global();
    } else if (query_.countries.empty() || !take_countries_asked_for()) {
      take_all_tiers();
    }
    if (result_.hosts.size() > policy_.max_mirrors) result_.hosts.resize(policy_.max_mirrors);
    if (query_.explains) explain_drops();
    return std::move(result_);
  }

 private:
  HostBits carriers() const {
    const auto directories = image_.directories();
    const HostSet first = image_.carriers(directories[query_.directories.front()]);
    HostBits bits(first.begin(), first.end());
    for (const snapshot::DirectoryIndex directory : std::span(query_.directories).subspan(1))
      bits = intersection(bits, image_.carriers(directories[directory]));
    return bits;
  }

  HostBits reachable() const {
    HostBits bits(image_.public_hosts().size());
    for (const net::Scheme scheme : net::kSchemes) {
      if (query_.schemes[static_cast<std::size_t>(scheme)])
        unite(bits, image_.with_scheme(category_, scheme));
    }
    return bits;
  }

  HostBits eligible() const {
    HostBits bits = intersection(carriers(), reachable());
    const HostBits restricted = intersection(bits, image_.restricted_hosts());
    for_each_host(HostSet(restricted), [&](HostIndex host) {
      if (!image_.allows(image_.hosts()[host], client_.country)) remove_host(bits, host);
    });
    return bits;
  }

  bool has_enough() const { return result_.hosts.size() >= policy_.min_mirrors; }
  bool wants_more() const { return policy_.always_adds_continent || !has_enough(); }

  bool has_bands(Tier tier) const {
    return policy_.order == Order::kDistance && client_.position &&
           (tier == Tier::kCountry || tier == Tier::kContinent);
  }

  std::optional<Band> known_band(const snapshot::HostRecord& record, Tier tier) const {
    if (!record.has_position || !has_bands(tier)) return std::nullopt;
    return band_of(nearness(*client_.position, record.position));
  }

  Candidate candidate(HostIndex host) const {
    const snapshot::HostRecord& record = image_.hosts()[host];
    return {rank_key(host_draw(seed_, record.id), record.bandwidth_mbps), host};
  }

  std::size_t room() const {
    return policy_.max_mirrors - std::min<std::size_t>(result_.hosts.size(), policy_.max_mirrors);
  }

  void append_best(std::span<const HostIndex> hosts, Tier tier) {
    for (const Candidate& c : shortlist(image_, seed_, hosts, room()))
      result_.hosts.push_back({c.host, tier, 0, known_band(image_.hosts()[c.host], tier)});
  }

  void append_best_by_band(std::span<const HostIndex> hosts, Tier tier) {
    std::array<std::vector<HostIndex>, kBands> bands;
    for (const HostIndex host : hosts) {
      const Band band = known_band(image_.hosts()[host], tier).value_or(kUnknownBand);
      bands[static_cast<std::size_t>(band)].push_back(host);
    }
    for (const auto& band : bands) append_best(band, tier);
  }

  // Takes the hosts that are left among those of `word_of(i)`, the i-th word of a set, as one tier.
  // They are in taken_ then. Returns whether there were any.
  template <typename WordOf>
  bool take(Tier tier, const WordOf& word_of) {
    for (std::size_t i = 0; i < left_.size(); ++i) {
      taken_[i] = left_[i] & word_of(i);
      left_[i] ^= taken_[i];
    }
    tier_.clear();
    for_each_host(HostSet(taken_), [&](HostIndex host) { tier_.push_back(host); });
    if (has_bands(tier)) {
      append_best_by_band(tier_, tier);
    } else {
      append_best(tier_, tier);
    }
    return !tier_.empty();
  }

  bool take_all(HostSet hosts, Tier tier) {
    return take(tier, [&](std::size_t i) { return hosts[i]; });
  }

  bool take_ordinary(HostSet hosts, Tier tier) {
    const HostSet shown = image_.public_hosts();
    const HostSet last_resort = image_.last_resort_hosts();
    return take(tier, [&](std::size_t i) { return hosts[i] & shown[i] & ~last_resort[i]; });
  }

  bool take_last_resort(HostSet hosts, Tier tier) {
    const HostSet shown = image_.public_hosts();
    const HostSet last_resort = image_.last_resort_hosts();
    return take(tier, [&](std::size_t i) { return hosts[i] & shown[i] & last_resort[i]; });
  }

  // Ordinary hosts, and those of last resort behind them when there are too few.
  bool take_with_last_resort(HostSet hosts, Tier tier) {
    const bool has_ordinary = take_ordinary(hosts, tier);
    if (has_enough()) return has_ordinary;
    const bool has_last = take_last_resort(hosts, tier);
    return has_ordinary || has_last;
  }

  void note_country(net::CountryCode country) {
    auto& noted = result_.countries;
    if (std::find(noted.begin(), noted.end(), country) == noted.end()) noted.push_back(country);
  }

  // In MirrorManager country= switches netblocks and ASNs off even when it is given up.
  bool skips_networks() const {
    return query_.skips_networks || (policy_.always_adds_continent && !query_.countries.empty());
  }

  void take_all_tiers() {
    has_all_tiers_ = true;
    if (!skips_networks()) {
      if (take_netblocks()) return;  // a monopoly
      if (wants_more()) take_asn();
    }
    if (wants_more()) take_research();
    if (wants_more() && client_.country) take_country(*client_.country);
    if (wants_more() && client_.continent) take_continent(*client_.continent);
    if (!has_enough()) take_global();
  }

  // Longest prefix first. Returns true when a monopoly host is now the whole answer.
  bool take_netblocks() {
    std::vector<Candidate> same_length;
    std::vector<RankedHost> all;
    unsigned current = 0;
    const auto flush = [&] {
      std::sort(same_length.begin(), same_length.end());
      for (const Candidate& c : same_length)
        all.push_back({c.host, Tier::kNetblock, static_cast<std::uint8_t>(current)});
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
    const auto monopoly = std::find_if(all.begin(), all.end(), [&](const RankedHost& ranked) {
      return image_.hosts()[ranked.host].is_monopoly;
    });
    has_monopoly_ = monopoly != all.end();
    if (has_monopoly_) {
      result_.hosts = {*monopoly};
    } else {
      result_.hosts = std::move(all);
    }
    return has_monopoly_;
  }

  HostBits in_clients_asn() const {
    HostBits bits(left_.size());
    if (client_.asn)
      for (const snapshot::AsnRecord& record : image_.hosts_of_asn(*client_.asn))
        insert_host(bits, record.host);
    return bits;
  }

  void take_asn() {
    if (client_.asn && take_all(in_clients_asn(), Tier::kAsn)) result_.used_asn = client_.asn;
  }

  bool is_on_research_network() const {
    return client_.country && image_.is_on_research_network(client_.address);
  }

  HostBits on_research_networks() const {
    return intersection(image_.research_hosts(), image_.in_country(*client_.country));
  }

  void take_research() {
    result_.used_research =
        is_on_research_network() && take_all(on_research_networks(), Tier::kResearch);
  }

  void take_country(net::CountryCode country) {
    if (take_ordinary(image_.in_country(country), Tier::kCountry)) note_country(country);
  }

  void take_continent(net::Continent continent) {
    const HostBits before = left_;
    if (take_with_last_resort(image_.in_continent(continent), Tier::kContinent))
      note_countries_taken_since(before);
  }

  // The countries whose hosts have gone from `before`, by code.
  void note_countries_taken_since(const HostBits& before) {
    std::array<std::uint64_t, snapshot::host_set_words(net::CountryCode::kCount)> countries{};
    for (std::size_t i = 0; i < left_.size(); ++i) taken_[i] = before[i] & ~left_[i];
    for_each_host(HostSet(taken_),
                  [&](HostIndex host) { insert_host(countries, image_.hosts()[host].country); });
    for_each_host(countries, [&](std::size_t index) {
      if (const auto country = net::CountryCode::from_index(index)) note_country(*country);
    });
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
    if (take_with_last_resort(HostSet(there), Tier::kCountry)) {
      answering_countries_ = std::move(there);
    } else if (take_with_last_resort(HostSet(around), Tier::kContinent)) {
      answering_countries_ = std::move(around);
    }
    note_countries_taken_since(before);
    result_.had_no_mirror_there = answering_countries_.empty();
    return !result_.had_no_mirror_there;
  }

  // The hosts that would have come from the client's own networks, had it come to that.
  HostBits of_clients_networks() const {
    HostBits bits(left_.size());
    if (!has_all_tiers_) return bits;
    if (!skips_networks()) unite(bits, in_clients_asn());
    if (is_on_research_network()) unite(bits, on_research_networks());
    return bits;
  }

  // Of every host that is not in the answer, the first reason that is enough by itself.
  void explain_drops() {
    const HostBits carriers = this->carriers();
    const HostBits reachable = this->reachable();
    const HostBits waiting = of_clients_networks();
    HostBits kept(carriers.size());
    for (const RankedHost& ranked : result_.hosts) insert_host(kept, ranked.host);
    for (HostIndex host = 0; host < image_.hosts().size(); ++host) {
      if (has_host(kept, host)) continue;
      result_.dropped.push_back({host, drop_of(host, carriers, reachable, waiting)});
    }
  }

  Drop drop_of(HostIndex host, HostSet carriers, HostSet reachable, HostSet waiting) const {
    if (image_.urls(host, category_).empty()) return Drop::kOtherCategory;
    if (!has_host(carriers, host)) return Drop::kNotUpToDate;
    if (!has_host(reachable, host)) return Drop::kNoScheme;
    if (!has_host(eligible_, host)) return Drop::kCountryNotAllowed;
    if (has_monopoly_) return Drop::kMonopoly;
    if (!has_host(left_, host)) return Drop::kPastMaximum;
    if (has_host(waiting, host)) return Drop::kNotNeeded;
    if (!has_host(image_.public_hosts(), host)) return Drop::kPrivate;
    if (!answering_countries_.empty() && !has_host(answering_countries_, host))
      return Drop::kOtherCountry;
    if (has_host(image_.last_resort_hosts(), host)) return Drop::kLastResort;
    return Drop::kNotNeeded;
  }

  const snapshot::Image& image_;
  const Query& query_;
  const Client& client_;
  const Policy& policy_;
  std::uint32_t category_;
  std::uint64_t seed_;
  HostBits left_;
  HostBits taken_;               // of the last tier
  std::vector<HostIndex> tier_;  // the same as a list
  HostBits eligible_;            // what `left_` was, when drops are to be explained
  bool has_monopoly_ = false;
  bool has_all_tiers_ = false;    // the client's own, not what country= asks for
  HostBits answering_countries_;  // who is where country= asks for; empty without it, or given up
  Selection result_;
};

}  // namespace

Selection select(const snapshot::Image& image, const Query& query, const Client& client,
                 const Policy& policy, std::chrono::system_clock::time_point now) {
  return Run(image, query, client, policy, now).finish();
}

}  // namespace mirrorway::selection
