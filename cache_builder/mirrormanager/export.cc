#include "cache_builder/mirrormanager/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "cache_builder/host_sets.h"
#include "common/base/digest.h"
#include "common/net/address.h"
#include "common/snapshot/netblock.h"
#include "proto/mirrormanager.pb.h"

namespace mirrorway::cache_builder {
namespace {

using mirrormanager::DirectoryMirrors;
using mirrormanager::MirrorList;
using snapshot::prefix_of;

// Whether MirrorManager would say "repo disabled": it knows that of a name only, not of one
// architecture.
std::map<std::string, bool> disabled_by_name(const proto::Snapshot& snapshot) {
  std::map<std::string, bool> disabled;
  for (const proto::Repository& repository : snapshot.repositories()) {
    bool& all = disabled.emplace(repository.name(), true).first->second;
    all = all && repository.is_disabled();
  }
  return disabled;
}

class Exporter {
 public:
  Exporter(const proto::Snapshot& snapshot, const ByteSink& sink, const ExportProgress& progress)
      : snapshot_(snapshot), sink_(sink), progress_(progress) {}

  void run() {
    constexpr std::uint32_t kVarintTag = MirrorList::kTimeFieldNumber << 3U;
    bytes_.clear();
    append_varint(kVarintTag);
    append_varint(snapshot_.catalog_time());
    sink_(bytes_);
    write_geography();
    write_urls();
    write_files();
    write_repositories();
    write_hosts();
    write_directories();
  }

 private:
  void append_varint(std::uint64_t value) {
    for (; value > 0x7FU; value >>= 7U) bytes_ += static_cast<char>((value & 0x7FU) | 0x80U);
    bytes_ += static_cast<char>(value);
  }

  void write(int number, const google::protobuf::MessageLite& message) {
    constexpr unsigned kLengthDelimited = 2;
    bytes_.clear();
    append_varint(static_cast<std::uint32_t>(number) << 3U | kLengthDelimited);
    append_varint(message.ByteSizeLong());
    message.AppendPartialToString(&bytes_);
    sink_(bytes_);
  }

  template <typename Row, typename Key, typename Value>
  void write_row(int number, const Key& key, const Value& value) {
    Row row;
    row.set_key(key);
    row.set_value(value);
    write(number, row);
  }

  // Every country with its continent, also where that is what everybody holds: a server with
  // another list of countries must come to the same answers.
  void write_geography() {
    for (const proto::NetblockCountry& entry : snapshot_.netblock_countries())
      write_row<mirrormanager::StringToString>(MirrorList::kNetblockCountryCacheFieldNumber,
                                               prefix_of(entry.netblock())->text(),
                                               entry.country());
    for (const proto::Country& country : snapshot_.countries())
      write_row<mirrormanager::StringToString>(
          MirrorList::kCountryContinentRedirectCacheFieldNumber, country.code(),
          country.continent());
  }

  // Numbers all URLs, from 1; those of a carriage are in a row.
  void write_urls() {
    std::uint64_t id = 0;
    for (const proto::Host& host : snapshot_.hosts()) {
      auto& first_ids = first_url_ids_.emplace_back();
      for (const proto::Carriage& carriage : host.carriages()) {
        first_ids.push_back(id + 1);
        for (const std::string& url : carriage.urls())
          write_row<mirrormanager::IntToString>(MirrorList::kHCUrlCacheFieldNumber, ++id, url);
      }
    }
  }

  void write_files() {
    mirrormanager::DirectoryFiles entry;
    for (const proto::Directory& directory : snapshot_.directories()) {
      if (directory.files().empty()) continue;
      entry.Clear();
      entry.set_directory(directory.path());
      for (const proto::File& file : directory.files()) {
        auto* const added = entry.add_files();
        added->set_filename(file.name());
        for (const proto::FileVersion& version : file.versions())
          set_version(version, *added->add_details());
      }
      write(MirrorList::kFileDetailsCacheFieldNumber, entry);
    }
  }

  static void set_version(const proto::FileVersion& version, mirrormanager::FileVersion& added) {
    added.set_timestamp(version.timestamp());
    added.set_size(static_cast<std::int64_t>(version.size()));
    added.set_sha1(base::to_hex(version.sha1()));
    added.set_md5(base::to_hex(version.md5()));
    added.set_sha256(base::to_hex(version.sha256()));
    added.set_sha512(base::to_hex(version.sha512()));
  }

  // A repository that is disabled for this architecture only is left out: better unknown than
  // served.
  void write_repositories() {
    const auto disabled = disabled_by_name(snapshot_);
    for (const auto& [name, is_disabled] : disabled)
      if (is_disabled)
        write_row<mirrormanager::StringToBool>(MirrorList::kDisabledRepositoryCacheFieldNumber,
                                               name, true);
    for (const proto::RepositoryRedirect& redirect : snapshot_.redirects())
      write_row<mirrormanager::StringToString>(MirrorList::kRepositoryRedirectCacheFieldNumber,
                                               redirect.from(), redirect.to());
    for (const proto::Repository& repository : snapshot_.repositories())
      if (!repository.is_disabled() || disabled.at(repository.name()))
        write_row<mirrormanager::StringToString>(
            MirrorList::kRepoArchToDirectoryNameFieldNumber,
            repository.name() + "+" + repository.architecture(),
            snapshot_.directories(static_cast<int>(repository.directory())).path());
  }

  void write_hosts() {
    std::map<std::uint32_t, mirrormanager::IntToInts> by_asn;
    std::map<net::Prefix, mirrormanager::StringToInts> by_netblock;
    for (const proto::Host& host : snapshot_.hosts()) {
      for (const std::uint32_t asn : host.client_asns()) by_asn[asn].add_value(host.id());
      for (const proto::Netblock& netblock : host.netblocks())
        by_netblock[*prefix_of(netblock)].add_value(host.id());
      if (!host.country().empty())
        write_row<mirrormanager::IntToString>(MirrorList::kHostCountryCacheFieldNumber, host.id(),
                                              host.country());
      write_row<mirrormanager::IntToInt>(MirrorList::kHostBandwidthCacheFieldNumber, host.id(),
                                         host.bandwidth_mbps());
      write_allowed_countries(host);
    }
    for (auto& [asn, row] : by_asn) {
      row.set_key(asn);
      write(MirrorList::kHostAsnCacheFieldNumber, row);
    }
    for (auto& [prefix, row] : by_netblock) {
      row.set_key(prefix.text());
      write(MirrorList::kHostNetblockCacheFieldNumber, row);
    }
  }

  void write_allowed_countries(const proto::Host& host) {
    if (host.allowed_countries().empty()) return;
    mirrormanager::IntToStrings row;
    row.set_key(host.id());
    for (const std::string& country : host.allowed_countries()) row.add_value(country);
    write(MirrorList::kHostCountryAllowedCacheFieldNumber, row);
  }

  void write_directories() {
    const auto total = static_cast<std::uint64_t>(snapshot_.directories_size());
    std::uint64_t done = 0;
    for (const proto::Directory& directory : snapshot_.directories()) {
      progress_(done++, total);
      write_directory(directory);
    }
  }

  void write_directory(const proto::Directory& directory) {
    const proto::Category& category = snapshot_.categories(static_cast<int>(directory.category()));
    entry_.Clear();
    entry_.set_directory(directory.path());
    entry_.set_subpath(subpath(directory.path(), category.top_directory()));
    by_country_.clear();
    for (const std::size_t index :
         hosts_in(snapshot_.host_sets(static_cast<int>(directory.host_set()))))
      add_carrier(index, directory.category());
    for (const auto& [country, ids] : by_country_) {
      auto* const row = entry_.add_bycountry();
      row->set_key(std::string(country));
      row->mutable_value()->Add(ids.begin(), ids.end());
    }
    entry_.set_orderedmirrorlist(false);
    write(MirrorList::kMirrorListCacheFieldNumber, entry_);
  }

  static std::string subpath(const std::string& path, const std::string& top) {
    return top.empty() ? path : path.substr(std::min(top.size() + 1, path.size()));
  }

  void add_carrier(std::size_t index, std::uint32_t category) {
    const proto::Host& host = snapshot_.hosts(static_cast<int>(index));
    const auto carriage =
        std::lower_bound(host.carriages().begin(), host.carriages().end(), category,
                         [](const proto::Carriage& entry, std::uint32_t wanted) {
                           return entry.category() < wanted;
                         });
    const auto place = static_cast<std::size_t>(carriage - host.carriages().begin());
    auto* const row = entry_.add_byhostid();
    row->set_key(host.id());
    for (int i = 0; i < carriage->urls_size(); ++i)
      row->add_value(first_url_ids_[index][place] + static_cast<std::uint64_t>(i));
    if (host.is_private()) return;
    entry_.add_global(host.id());
    if (!host.country().empty()) by_country_[host.country()].push_back(host.id());
  }

  const proto::Snapshot& snapshot_;
  const ByteSink& sink_;
  const ExportProgress& progress_;
  std::vector<std::vector<std::uint64_t>> first_url_ids_;  // by host, by carriage
  // Used again for every directory:
  std::string bytes_;
  DirectoryMirrors entry_;
  std::map<std::string_view, std::vector<std::uint64_t>> by_country_;
};

template <typename Entries, typename Predicate>
void add_loss(const Entries& entries, const Predicate& is_lost, std::string_view what,
              std::vector<std::string>& losses) {
  const auto count = std::count_if(entries.begin(), entries.end(), is_lost);
  if (count > 0) losses.push_back(fmt::format("{} {}", count, what));
}

}  // namespace

void export_mirrormanager(const proto::Snapshot& snapshot, const ByteSink& sink,
                          const ExportProgress& progress) {
  Exporter(snapshot, sink, progress).run();
}

std::vector<std::string> find_losses(const proto::Snapshot& snapshot) {
  std::vector<std::string> losses;
  const auto& hosts = snapshot.hosts();
  add_loss(
      hosts, [](const auto& host) { return host.carriages().empty(); },
      "hosts carry nothing and are not in the cache", losses);
  add_loss(
      hosts, [](const auto& host) { return host.is_monopoly(); },
      "monopolies are ordinary hosts there", losses);
  add_loss(
      hosts, [](const auto& host) { return host.is_last_resort(); },
      "hosts of last resort are ordinary hosts there", losses);
  add_loss(
      hosts, [](const auto& host) { return host.is_research() || host.serves_research(); },
      "hosts are not known to be on a research network", losses);
  add_loss(
      hosts, [](const auto& host) { return host.has_latitude(); }, "hosts have no position there",
      losses);
  const auto disabled = disabled_by_name(snapshot);
  add_loss(
      snapshot.repositories(),
      [&](const auto& repository) {
        return repository.is_disabled() && !disabled.at(repository.name());
      },
      "repositories, disabled for one architecture, are unknown there", losses);
  return losses;
}

}  // namespace mirrorway::cache_builder
