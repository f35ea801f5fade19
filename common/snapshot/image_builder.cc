#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <map>
#include <type_traits>
#include <unordered_map>

#include "common/base/error.h"
#include "common/snapshot/asn_table.h"
#include "common/snapshot/image_layout.h"
#include "common/snapshot/image_tables.h"
#include "common/snapshot/netblock.h"

namespace mirrorway::snapshot {
namespace {

// Rows of equal length, appended one after the other.
class Rows {
 public:
  explicit Rows(std::size_t hosts) : words_(host_set_words(hosts)) {}

  std::span<HostWord> add() {
    all_.resize(all_.size() + words_);
    return std::span(all_).last(words_);
  }
  std::span<HostWord> at(std::size_t index) {
    return std::span(all_).subspan(index * words_, words_);
  }
  std::size_t size() const { return words_ == 0 ? 0 : all_.size() / words_; }
  const std::vector<HostWord>& words() const { return all_; }

 private:
  std::size_t words_;
  std::vector<HostWord> all_;
};

net::Prefix valid_prefix(const proto::Netblock& netblock) {
  const auto prefix = prefix_of(netblock);
  MIRRORWAY_ASSERT(prefix.has_value());
  return *prefix;
}

std::uint16_t country_index(std::string_view code) {
  const auto country = net::CountryCode::parse(code);
  return country ? static_cast<std::uint16_t>(country->index()) : std::uint16_t{0};
}

}  // namespace

class ImageBuilder {
 public:
  explicit ImageBuilder(const proto::Snapshot& snapshot)
      : snapshot_(snapshot), hosts_(static_cast<std::size_t>(snapshot.hosts_size())) {}

  std::vector<std::byte> build() {
    block_.resize(sizeof(Image::Header));
    header_.catalog_time = snapshot_.catalog_time();
    header_.catalog_generation = snapshot_.catalog_generation();
    add_hosts();
    add_carriages();
    add_host_sets();
    add_directories();
    add_repositories();
    add_networks();
    header_.texts = append(texts_);
    std::memcpy(block_.data(), &header_, sizeof header_);
    return std::move(block_);
  }

 private:
  template <typename Container, typename T = typename Container::value_type>
  ArrayRef<T> append(const Container& items) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= kArrayAlignment);
    block_.resize((block_.size() + kArrayAlignment - 1) / kArrayAlignment * kArrayAlignment);
    const ArrayRef<T> ref{block_.size(), items.size()};
    const auto* const bytes = reinterpret_cast<const std::byte*>(items.data());
    block_.insert(block_.end(), bytes, bytes + items.size() * sizeof(T));
    return ref;
  }

  TextRef keep(std::string_view text) {
    const TextRef ref{to_u32(texts_.size()), to_u32(text.size())};
    texts_ += text;
    return ref;
  }

  // For texts that come up again and again.
  TextRef keep_once(const std::string& text) {
    const auto [at, is_new] = kept_.try_emplace(text);
    if (is_new) at->second = keep(text);
    return at->second;
  }

  void add_hosts() {
    std::vector<HostRecord> records;
    std::vector<std::uint16_t> allowed;
    for (const proto::Host& host : snapshot_.hosts()) {
      const auto begin = to_u32(allowed.size());
      for (const std::string& code : host.allowed_countries())
        allowed.push_back(country_index(code));
      records.push_back({host.id(), keep(host.name()), keep_once(host.site()),
                         host.bandwidth_mbps(), country_index(host.country()), host.is_private(),
                         host.is_monopoly(), host.has_latitude(),
                         net::point_at(host.latitude(), host.longitude()),
                         Run{begin, to_u32(allowed.size())}});
    }
    header_.hosts = append(records);
    header_.allowed_countries = append(allowed);
  }

  void add_carriages() {
    const auto categories = static_cast<std::size_t>(snapshot_.categories_size());
    std::vector<UrlRecord> urls;
    std::vector<Run> carriages(categories * hosts_);
    Rows schemes(hosts_);
    for (std::size_t i = 0; i < categories * net::kSchemes.size(); ++i) schemes.add();
    for (std::size_t host = 0; host < hosts_; ++host) {
      for (const auto& carriage : snapshot_.hosts(static_cast<int>(host)).carriages()) {
        const auto begin = to_u32(urls.size());
        for (const std::string& url : carriage.urls()) {
          const auto scheme = net::scheme_of(url);
          MIRRORWAY_ASSERT(scheme.has_value());
          urls.push_back({keep(url), *scheme});
          insert_host(schemes.at(carriage.category() * net::kSchemes.size() +
                                 static_cast<std::size_t>(*scheme)),
                      static_cast<HostIndex>(host));
        }
        carriages[carriage.category() * hosts_ + host] = {begin, to_u32(urls.size())};
      }
    }
    header_.urls = append(urls);
    header_.carriages = append(carriages);
    header_.scheme_sets = append(schemes.words());
  }

  void add_host_sets() {
    Rows sets(hosts_);
    for (const std::string& bytes : snapshot_.host_sets()) {
      const auto row = sets.add();
      for (std::size_t i = 0; i < bytes.size(); ++i)
        row[i / 8] |= HostWord{static_cast<unsigned char>(bytes[i])} << (i % 8 * 8);
    }
    header_.sets = append(sets.words());
    add_special_sets();
    add_geographic_sets();
  }

  void add_special_sets() {
    Rows special(hosts_);
    for (std::size_t i = 0; i < Image::kSpecialSets; ++i) special.add();
    for (std::size_t i = 0; i < hosts_; ++i) {
      const proto::Host& host = snapshot_.hosts(static_cast<int>(i));
      const auto index = static_cast<HostIndex>(i);
      if (!host.is_private()) insert_host(special.at(Image::kPublic), index);
      if (host.is_last_resort()) insert_host(special.at(Image::kLastResort), index);
      if (!host.allowed_countries().empty()) insert_host(special.at(Image::kRestricted), index);
      if (host.is_research() && (!host.is_private() || host.serves_research()))
        insert_host(special.at(Image::kResearch), index);
    }
    header_.special_sets = append(special.words());
  }

  void add_geographic_sets() {
    std::vector<std::uint8_t> continent_of(net::CountryCode::kCount);
    for (const proto::Country& country : snapshot_.countries())
      continent_of[country_index(country.code())] = static_cast<std::uint8_t>(
          static_cast<unsigned>(*net::find_continent(country.continent())) + 1U);
    header_.country_continents = append(continent_of);

    std::vector<std::uint32_t> row_of(net::CountryCode::kCount);
    Rows countries(hosts_);
    countries.add();  // for every country without a host
    Rows continents(hosts_);
    for (std::size_t i = 0; i < net::kContinents; ++i) continents.add();
    for (std::size_t i = 0; i < hosts_; ++i) {
      const std::uint16_t country = country_index(snapshot_.hosts(static_cast<int>(i)).country());
      if (country == 0) continue;
      if (row_of[country] == 0) {
        row_of[country] = to_u32(countries.size());
        countries.add();
      }
      insert_host(countries.at(row_of[country]), static_cast<HostIndex>(i));
      if (continent_of[country] != 0)
        insert_host(continents.at(continent_of[country] - 1U), static_cast<HostIndex>(i));
    }
    header_.country_rows = append(row_of);
    header_.country_sets = append(countries.words());
    header_.continent_sets = append(continents.words());
  }

  void add_directories() {
    const auto count = static_cast<std::size_t>(snapshot_.directories_size());
    std::vector<DirectoryRecord> records;
    // At most half full, so that a search ends soon and always.
    std::vector<std::uint32_t> slots(std::bit_ceil(count * 2 + 1));
    for (const proto::Directory& directory : snapshot_.directories()) {
      const auto& category = snapshot_.categories(static_cast<int>(directory.category()));
      const std::size_t top = category.top_directory().size();
      const std::size_t below = top == 0 || top == directory.path().size() ? top : top + 1;
      records.push_back({keep(directory.path()), to_u32(below), directory.category(),
                         directory.host_set(), add_files(directory)});
      std::size_t slot = std::hash<std::string_view>()(directory.path()) & (slots.size() - 1);
      while (slots[slot] != 0) slot = (slot + 1) & (slots.size() - 1);
      slots[slot] = to_u32(records.size());
    }
    header_.directories = append(records);
    header_.directory_slots = append(slots);
    header_.files = append(files_);
    header_.versions = append(versions_);
  }

  Run add_files(const proto::Directory& directory) {
    const auto begin = to_u32(files_.size());
    for (const proto::File& file : directory.files()) {
      const auto first = to_u32(versions_.size());
      for (const proto::FileVersion& version : file.versions())
        versions_.push_back({version.size(),
                             version.timestamp(),
                             {keep(version.md5()), keep(version.sha1()), keep(version.sha256()),
                              keep(version.sha512())}});
      files_.push_back({keep_once(file.name()), {first, to_u32(versions_.size())}});
    }
    return {begin, to_u32(files_.size())};
  }

  void add_repositories() {
    std::vector<RepositoryRecord> records;
    for (const proto::Repository& repository : snapshot_.repositories())
      records.push_back({keep_once(repository.name()), keep_once(repository.architecture()),
                         repository.directory(), repository.is_disabled()});
    header_.repositories = append(records);

    std::unordered_map<std::string_view, std::string_view> next;
    for (const auto& redirect : snapshot_.redirects()) next.emplace(redirect.from(), redirect.to());
    std::vector<RedirectRecord> redirects;
    for (const auto& redirect : snapshot_.redirects()) {
      std::string_view end = redirect.to();
      for (auto at = next.find(end); at != next.end(); at = next.find(end)) end = at->second;
      redirects.push_back({keep(redirect.from()), keep_once(std::string(end))});
    }
    header_.redirects = append(redirects);
  }

  void add_networks() {
    std::map<net::Prefix, std::vector<HostIndex>> by_netblock;
    std::vector<AsnRecord> asns;
    for (std::size_t i = 0; i < hosts_; ++i) {
      const proto::Host& host = snapshot_.hosts(static_cast<int>(i));
      const auto index = static_cast<HostIndex>(i);
      for (const auto& netblock : host.netblocks())
        by_netblock[valid_prefix(netblock)].push_back(index);
      for (const std::uint32_t asn : host.client_asns()) asns.push_back({asn, index});
    }
    std::sort(asns.begin(), asns.end(), [](const AsnRecord& a, const AsnRecord& b) {
      return std::pair(a.asn, a.host) < std::pair(b.asn, b.host);
    });
    header_.asns = append(asns);
    const auto netblocks = make_prefix_table(by_netblock);
    header_.netblocks = append(netblocks.prefixes);
    header_.netblock_hosts = append(netblocks.values);

    std::map<net::Prefix, std::vector<std::uint16_t>> by_country;
    for (const auto& entry : snapshot_.netblock_countries())
      by_country[valid_prefix(entry.netblock())] = {country_index(entry.country())};
    const auto countries = make_prefix_table(by_country);
    header_.country_netblocks = append(countries.prefixes);
    header_.netblock_countries = append(countries.values);

    std::map<net::Prefix, std::vector<HostIndex>> research;  // without values
    for (const proto::Netblock& netblock : snapshot_.research_networks())
      research[valid_prefix(netblock)];
    header_.research_networks = append(make_prefix_table(research).prefixes);
    add_asns();
  }

  void add_asns() {
    RangeTable<std::uint32_t> ipv4;
    RangeTable<std::uint64_t> ipv6;
    for_each_asn_row(snapshot_.asns(), [&](const AsnRow& row) {
      if (row.family == net::Family::kIpv4) {
        ipv4.add(row);
      } else {
        ipv6.add(row);
      }
    });
    ipv4.finish();
    ipv6.finish();
    header_.ipv4_index = append(ipv4.index());
    header_.ipv4_starts = append(ipv4.starts());
    header_.ipv4_asns = append(ipv4.asns());
    header_.ipv6_index = append(ipv6.index());
    header_.ipv6_starts = append(ipv6.starts());
    header_.ipv6_asns = append(ipv6.asns());
  }

  const proto::Snapshot& snapshot_;
  std::size_t hosts_;
  Image::Header header_{};
  std::string texts_;
  std::unordered_map<std::string, TextRef> kept_;
  std::vector<FileRecord> files_;
  std::vector<FileVersionRecord> versions_;
  std::vector<std::byte> block_;
};

std::vector<std::byte> Image::build(const proto::Snapshot& snapshot) {
  return ImageBuilder(snapshot).build();
}

}  // namespace mirrorway::snapshot
