// A snapshot laid out for answering: flat arrays in one block, see DESIGN.md. Everything here is
// read-only, allocates nothing, and may be shared between processes that map the same block.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/address.h"
#include "common/net/country.h"
#include "common/net/sphere.h"
#include "common/net/url.h"
#include "common/snapshot/host_set.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::snapshot {

using DirectoryIndex = std::uint32_t;

// Offset and length within the block's text.
struct TextRef {
  std::uint32_t offset;
  std::uint32_t length;
};

// Begin and end of a run within another array.
struct Run {
  std::uint32_t begin;
  std::uint32_t end;
};

struct HostRecord {
  std::uint64_t id;
  TextRef name;
  TextRef site;
  std::uint32_t bandwidth_mbps;
  std::uint16_t country;  // CountryCode::index(), 0 when unknown
  bool is_private;
  bool is_monopoly;
  bool has_position;
  net::Point position;
  Run allowed_countries;  // empty: every country
};

struct UrlRecord {
  TextRef text;  // without a final slash
  net::Scheme scheme;
};

struct DirectoryRecord {
  TextRef path;
  std::uint32_t subpath_offset;  // where in `path` the part below the top directory starts
  std::uint32_t category;
  std::uint32_t host_set;
  Run files;
};

struct FileRecord {
  TextRef name;
  Run versions;  // newest first, at least one
};

enum class Digest : std::uint8_t { kMd5, kSha1, kSha256, kSha512 };
inline constexpr std::array<Digest, 4> kDigests{Digest::kMd5, Digest::kSha1, Digest::kSha256,
                                                Digest::kSha512};

struct FileVersionRecord {
  std::uint64_t size;                            // bytes
  std::int64_t timestamp;                        // Unix seconds
  std::array<TextRef, kDigests.size()> digests;  // raw bytes; empty when not known
};

struct RepositoryRecord {
  TextRef name;
  TextRef architecture;
  DirectoryIndex directory;
  bool is_disabled;
};

struct RedirectRecord {
  TextRef from;
  TextRef to;  // the end of the chain
};

// A prefix of a netblock table; `parent` is the smallest prefix around it.
struct PrefixRecord {
  static constexpr std::uint32_t kNoParent = UINT32_MAX;

  net::Prefix prefix;
  std::uint32_t parent;
  Run values;  // in the table's own array of values
};

struct AsnRecord {
  std::uint32_t asn;
  HostIndex host;
};

class Image {
 public:
  // The block for a snapshot that has passed validate(). Throws base::Error when the texts exceed
  // the 4 GiB that a TextRef reaches.
  static std::vector<std::byte> build(const proto::Snapshot& snapshot);

  // `block` is what build() made, aligned as any allocation is; it must outlive the image and every
  // view and reference that the image hands out.
  explicit Image(std::span<const std::byte> block);

  std::uint64_t catalog_time() const;  // Unix seconds
  std::uint64_t catalog_generation() const;

  std::span<const HostRecord> hosts() const { return hosts_; }
  std::span<const DirectoryRecord> directories() const { return directories_; }
  std::span<const RepositoryRecord> repositories() const { return repositories_; }  // sorted

  std::string_view text(TextRef ref) const { return texts_.substr(ref.offset, ref.length); }
  // The directory's path below the top directory of its category.
  std::string_view subpath(const DirectoryRecord& directory) const;

  std::optional<DirectoryIndex> find_directory(std::string_view path) const;
  // Null when the snapshot has no details of it; it may be there all the same.
  const FileRecord* find_file(const DirectoryRecord& directory, std::string_view name) const;
  std::span<const FileVersionRecord> versions(const FileRecord& file) const;
  std::string_view digest(const FileVersionRecord& version, Digest digest) const {
    return text(version.digests[static_cast<std::size_t>(digest)]);
  }
  const RepositoryRecord* find_repository(std::string_view name,
                                          std::string_view architecture) const;
  // All architectures of a repository.
  std::span<const RepositoryRecord> repositories_named(std::string_view name) const;
  // The end of the chain of redirects that starts at `name`; `name` itself when there is none.
  std::string_view follow_redirects(std::string_view name) const;

  // Sets of hosts.
  HostSet carriers(const DirectoryRecord& directory) const {
    return row(sets_, directory.host_set);
  }
  HostSet with_scheme(std::uint32_t category, net::Scheme scheme) const;
  HostSet in_country(net::CountryCode country) const;
  HostSet in_continent(net::Continent continent) const;
  HostSet public_hosts() const { return row(special_sets_, kPublic); }
  HostSet last_resort_hosts() const { return row(special_sets_, kLastResort); }
  // Those that name the countries they serve.
  HostSet restricted_hosts() const { return row(special_sets_, kRestricted); }
  // Those on research networks, without private ones that do not want such clients.
  HostSet research_hosts() const { return row(special_sets_, kResearch); }

  bool allows(const HostRecord& host, std::optional<net::CountryCode> client) const;
  // The host's URLs for a category, best scheme first; empty when it does not carry it.
  std::span<const UrlRecord> urls(HostIndex host, std::uint32_t category) const;

  // Calls visit(length, host) for the hosts of all netblocks around the address, longest first.
  template <typename Visit>
  void for_each_netblock_host(const net::Address& address, const Visit& visit) const {
    const PrefixRecord* at = find_prefix(netblocks_, address);
    for (; at != nullptr; at = parent_of(netblocks_, *at)) {
      for (std::uint32_t i = at->values.begin; i < at->values.end; ++i)
        visit(at->prefix.length(), netblock_hosts_[i]);
    }
  }
  std::span<const AsnRecord> hosts_of_asn(std::uint32_t asn) const;
  bool is_on_research_network(const net::Address& address) const {
    return find_prefix(research_networks_, address) != nullptr;
  }
  // Who announces the address, by longest prefix.
  std::optional<std::uint32_t> asn_of(const net::Address& address) const;

  // The operator's word on where an address is, by longest prefix.
  std::optional<net::CountryCode> netblock_country(const net::Address& address) const;
  std::optional<net::Continent> continent_of(net::CountryCode country) const;

 private:
  struct Header;
  friend class ImageBuilder;
  enum SpecialSet : std::size_t { kPublic, kLastResort, kRestricted, kResearch, kSpecialSets };

  static const PrefixRecord* find_prefix(std::span<const PrefixRecord> table,
                                         const net::Address& address);
  static const PrefixRecord* parent_of(std::span<const PrefixRecord> table,
                                       const PrefixRecord& record) {
    return record.parent == PrefixRecord::kNoParent ? nullptr : &table[record.parent];
  }
  HostSet row(std::span<const HostWord> rows, std::size_t index) const {
    return rows.subspan(index * words_per_set_, words_per_set_);
  }

  const Header* header_;
  std::size_t words_per_set_;
  std::string_view texts_;
  std::span<const HostRecord> hosts_;
  std::span<const UrlRecord> urls_;
  std::span<const Run> carriages_;  // [category * hosts + host]
  std::span<const std::uint16_t> allowed_countries_;
  std::span<const DirectoryRecord> directories_;
  std::span<const std::uint32_t> directory_slots_;  // hash table: index + 1, 0 is free
  std::span<const RepositoryRecord> repositories_;
  std::span<const RedirectRecord> redirects_;  // by from
  std::span<const HostWord> sets_;
  std::span<const HostWord> special_sets_;
  std::span<const HostWord> scheme_sets_;        // [category * schemes + scheme]
  std::span<const HostWord> country_sets_;       // row 0 is empty
  std::span<const std::uint32_t> country_rows_;  // by CountryCode::index()
  std::span<const HostWord> continent_sets_;
  std::span<const std::uint8_t> country_continents_;  // continent + 1, 0 is unknown
  std::span<const PrefixRecord> netblocks_;
  std::span<const HostIndex> netblock_hosts_;
  std::span<const AsnRecord> asns_;
  std::span<const PrefixRecord> country_netblocks_;
  std::span<const std::uint16_t> netblock_countries_;
  std::span<const PrefixRecord> research_networks_;
  std::span<const FileRecord> files_;
  std::span<const FileVersionRecord> versions_;
  // The announced prefixes without their overlaps: each ASN counts from its start to the next. By
  // the first bits of an address the index says how many starts have lower ones.
  std::span<const std::uint32_t> ipv4_index_;
  std::span<const std::uint32_t> ipv4_starts_;
  std::span<const std::uint32_t> ipv4_asns_;  // 0: not announced
  std::span<const std::uint32_t> ipv6_index_;
  std::span<const std::uint64_t> ipv6_starts_;  // of the upper 64 bits
  std::span<const std::uint32_t> ipv6_asns_;
};

}  // namespace mirrorway::snapshot
