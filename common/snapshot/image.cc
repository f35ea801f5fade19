#include "common/snapshot/image.h"

#include <algorithm>
#include <functional>

#include "common/base/error.h"
#include "common/snapshot/asn_table.h"
#include "common/snapshot/image_layout.h"

namespace mirrorway::snapshot {
namespace {

// The block was written by this very program, but a wrong offset would read anywhere: checked once.
template <typename T>
std::span<const T> array_at(std::span<const std::byte> block, const ArrayRef<T>& ref) {
  MIRRORWAY_ASSERT(ref.offset % alignof(T) == 0 && ref.offset <= block.size() &&
                   ref.count <= (block.size() - ref.offset) / sizeof(T));
  return {reinterpret_cast<const T*>(block.data() + ref.offset), ref.count};
}

}  // namespace

Image::Image(std::span<const std::byte> block) {
  MIRRORWAY_ASSERT(reinterpret_cast<std::uintptr_t>(block.data()) % alignof(std::max_align_t) ==
                       0 &&
                   block.size() >= sizeof(Header));
  header_ = reinterpret_cast<const Header*>(block.data());
  const Header& header = *header_;
  const auto texts = array_at(block, header.texts);
  texts_ = {texts.data(), texts.size()};
  hosts_ = array_at(block, header.hosts);
  words_per_set_ = host_set_words(hosts_.size());
  urls_ = array_at(block, header.urls);
  carriages_ = array_at(block, header.carriages);
  allowed_countries_ = array_at(block, header.allowed_countries);
  directories_ = array_at(block, header.directories);
  directory_slots_ = array_at(block, header.directory_slots);
  repositories_ = array_at(block, header.repositories);
  redirects_ = array_at(block, header.redirects);
  sets_ = array_at(block, header.sets);
  special_sets_ = array_at(block, header.special_sets);
  scheme_sets_ = array_at(block, header.scheme_sets);
  country_sets_ = array_at(block, header.country_sets);
  country_rows_ = array_at(block, header.country_rows);
  continent_sets_ = array_at(block, header.continent_sets);
  country_continents_ = array_at(block, header.country_continents);
  netblocks_ = array_at(block, header.netblocks);
  netblock_hosts_ = array_at(block, header.netblock_hosts);
  asns_ = array_at(block, header.asns);
  country_netblocks_ = array_at(block, header.country_netblocks);
  netblock_countries_ = array_at(block, header.netblock_countries);
  research_networks_ = array_at(block, header.research_networks);
  files_ = array_at(block, header.files);
  versions_ = array_at(block, header.versions);
  ipv4_index_ = array_at(block, header.ipv4_index);
  ipv4_starts_ = array_at(block, header.ipv4_starts);
  ipv4_asns_ = array_at(block, header.ipv4_asns);
  ipv6_index_ = array_at(block, header.ipv6_index);
  ipv6_starts_ = array_at(block, header.ipv6_starts);
  ipv6_asns_ = array_at(block, header.ipv6_asns);
}

std::uint64_t Image::catalog_time() const {
  return header_->catalog_time;
}
std::uint64_t Image::catalog_generation() const {
  return header_->catalog_generation;
}

std::string_view Image::subpath(const DirectoryRecord& directory) const {
  return text(directory.path).substr(directory.subpath_offset);
}

std::optional<DirectoryIndex> Image::find_directory(std::string_view path) const {
  const std::size_t mask = directory_slots_.size() - 1;
  for (std::size_t slot = std::hash<std::string_view>()(path) & mask;; slot = (slot + 1) & mask) {
    const std::uint32_t entry = directory_slots_[slot];
    if (entry == 0) return std::nullopt;
    if (text(directories_[entry - 1].path) == path) return entry - 1;
  }
}

const RepositoryRecord* Image::find_repository(std::string_view name,
                                               std::string_view architecture) const {
  const auto key = std::pair(name, architecture);
  const auto key_of = [&](const RepositoryRecord& r) {
    return std::pair(text(r.name), text(r.architecture));
  };
  const auto found =
      std::lower_bound(repositories_.begin(), repositories_.end(), key,
                       [&](const RepositoryRecord& r, const auto& k) { return key_of(r) < k; });
  return found != repositories_.end() && key_of(*found) == key ? &*found : nullptr;
}

std::span<const RepositoryRecord> Image::repositories_named(std::string_view name) const {
  const auto begin = std::lower_bound(
      repositories_.begin(), repositories_.end(), name,
      [&](const RepositoryRecord& r, std::string_view n) { return text(r.name) < n; });
  const auto end = std::find_if(begin, repositories_.end(),
                                [&](const RepositoryRecord& r) { return text(r.name) != name; });
  return {begin, end};
}

const FileRecord* Image::find_file(const DirectoryRecord& directory, std::string_view name) const {
  const auto files =
      files_.subspan(directory.files.begin, directory.files.end - directory.files.begin);
  const auto found =
      std::lower_bound(files.begin(), files.end(), name,
                       [&](const FileRecord& f, std::string_view n) { return text(f.name) < n; });
  return found != files.end() && text(found->name) == name ? &*found : nullptr;
}

std::span<const FileVersionRecord> Image::versions(const FileRecord& file) const {
  return versions_.subspan(file.versions.begin, file.versions.end - file.versions.begin);
}

std::string_view Image::follow_redirects(std::string_view name) const {
  const auto found = std::lower_bound(
      redirects_.begin(), redirects_.end(), name,
      [&](const RedirectRecord& r, std::string_view n) { return text(r.from) < n; });
  return found != redirects_.end() && text(found->from) == name ? text(found->to) : name;
}

HostSet Image::with_scheme(std::uint32_t category, net::Scheme scheme) const {
  return row(scheme_sets_, category * net::kSchemes.size() + static_cast<std::size_t>(scheme));
}

HostSet Image::in_country(net::CountryCode country) const {
  return row(country_sets_, country_rows_[country.index()]);
}

HostSet Image::in_continent(net::Continent continent) const {
  return row(continent_sets_, static_cast<std::size_t>(continent));
}

bool Image::allows(const HostRecord& host, std::optional<net::CountryCode> client) const {
  const auto [begin, end] = host.allowed_countries;
  if (begin == end) return true;
  const auto allowed = allowed_countries_.subspan(begin, end - begin);
  return client && std::find(allowed.begin(), allowed.end(), client->index()) != allowed.end();
}

std::span<const UrlRecord> Image::urls(HostIndex host, std::uint32_t category) const {
  const auto [begin, end] = carriages_[category * hosts_.size() + host];
  return urls_.subspan(begin, end - begin);
}

std::span<const AsnRecord> Image::hosts_of_asn(std::uint32_t asn) const {
  const auto begin =
      std::lower_bound(asns_.begin(), asns_.end(), asn,
                       [](const AsnRecord& r, std::uint32_t a) { return r.asn < a; });
  const auto end = std::upper_bound(begin, asns_.end(), asn,
                                    [](std::uint32_t a, const AsnRecord& r) { return a < r.asn; });
  return {begin, end};
}

std::optional<std::uint32_t> Image::asn_of(const net::Address& address) const {
  const auto find = [](std::span<const std::uint32_t> index, const auto& starts,
                       std::span<const std::uint32_t> asns,
                       std::uint64_t number) -> std::optional<std::uint32_t> {
    if (starts.empty() || number < starts.front()) return std::nullopt;
    constexpr unsigned kShift =
        asn_index_shift<typename std::decay_t<decltype(starts)>::value_type>();
    const auto bucket =
        std::min<std::size_t>((number >> kShift) - (starts.front() >> kShift), index.size() - 2);
    const auto after = std::upper_bound(starts.begin() + index[bucket],
                                        starts.begin() + index[bucket + 1], number);
    const std::uint32_t asn = asns[static_cast<std::size_t>(after - starts.begin() - 1)];
    return asn == 0 ? std::nullopt : std::optional(asn);
  };
  const std::uint64_t number = leading_number(address);
  return address.family() == net::Family::kIpv4
             ? find(ipv4_index_, ipv4_starts_, ipv4_asns_, number)
             : find(ipv6_index_, ipv6_starts_, ipv6_asns_, number);
}

const PrefixRecord* Image::find_prefix(std::span<const PrefixRecord> table,
                                       const net::Address& address) {
  // The last prefix that starts at or before the address: the longest match is this one or one of
  // those around it.
  const auto after = std::upper_bound(table.begin(), table.end(), address,
                                      [](const net::Address& a, const PrefixRecord& record) {
                                        return a < record.prefix.address();
                                      });
  if (after == table.begin()) return nullptr;
  const PrefixRecord* at = &*std::prev(after);
  while (at != nullptr && !at->prefix.contains(address)) at = parent_of(table, *at);
  return at;
}

std::optional<net::CountryCode> Image::netblock_country(const net::Address& address) const {
  const PrefixRecord* found = find_prefix(country_netblocks_, address);
  if (found == nullptr) return std::nullopt;
  return net::CountryCode::from_index(netblock_countries_[found->values.begin]);
}

std::optional<net::Continent> Image::continent_of(net::CountryCode country) const {
  const std::uint8_t entry = country_continents_[country.index()];
  if (entry == 0) return std::nullopt;
  return static_cast<net::Continent>(entry - 1);
}

}  // namespace mirrorway::snapshot
