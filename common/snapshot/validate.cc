#include <google/protobuf/repeated_ptr_field.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/net/address.h"
#include "common/net/country.h"
#include "common/net/path.h"
#include "common/net/url.h"
#include "common/snapshot/asn_table.h"
#include "common/snapshot/file.h"
#include "common/snapshot/limits.h"
#include "common/snapshot/netblock.h"

namespace mirrorway::snapshot {

// Made printable only where a rule is broken: most of some hundred thousand names are never shown.
struct Printable {
  std::string_view text;
};

}  // namespace mirrorway::snapshot

template <>
struct fmt::formatter<mirrorway::snapshot::Printable> : fmt::formatter<std::string_view> {
  auto format(const mirrorway::snapshot::Printable& name, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(mirrorway::base::printable(name.text), context);
  }
};

namespace mirrorway::snapshot {
namespace {

using google::protobuf::RepeatedPtrField;

// Every rule ends here; `what` names the entry.
template <typename... Args>
void require(bool holds, fmt::format_string<Args...> what, Args&&... args) {
  if (!holds) throw base::Error("broken rule: {}", fmt::format(what, std::forward<Args>(args)...));
}

// Strictly ascending by `key`, so that entries are unique and can be searched by halving.
template <typename Entries, typename Key>
void require_ascending(const Entries& entries, std::string_view what, const Key& key) {
  const auto stray =
      std::adjacent_find(entries.begin(), entries.end(),
                         [&](const auto& a, const auto& b) { return !(key(a) < key(b)); });
  require(stray == entries.end(), "{} are not in strictly ascending order, at entry {}", what,
          stray - entries.begin() + 1);
}

bool is_name(std::string_view text) {
  return text.size() <= kMaxNameBytes && base::is_one_line(text);
}

bool is_country(std::string_view text) {
  const auto code = net::CountryCode::parse(text);
  return code && code->text() == text;
}

void check_place(const proto::Host& host) {
  require(host.country().empty() || is_country(host.country()), "country of host {}", host.name());
  require(is_name(host.city()), "city of host {}", host.name());
  require(host.has_latitude() == host.has_longitude(), "half a position of host {}", host.name());
  constexpr double kMaxLatitude = 90;
  constexpr double kMaxLongitude = 180;
  require(std::abs(host.latitude()) <= kMaxLatitude && std::abs(host.longitude()) <= kMaxLongitude,
          "position of host {}", host.name());
  require(std::all_of(host.allowed_countries().begin(), host.allowed_countries().end(), is_country),
          "allowed countries of host {}", host.name());
}

void check_netblocks(const proto::Host& host) {
  for (const proto::Netblock& netblock : host.netblocks())
    require(prefix_of(netblock).has_value(), "netblock of host {}", host.name());
  require_ascending(host.netblocks(), "netblocks of host " + host.name(),
                    [](const proto::Netblock& netblock) { return *prefix_of(netblock); });
}

void check_carriages(const proto::Host& host, int categories) {
  for (const proto::Carriage& carriage : host.carriages()) {
    require(carriage.category() < static_cast<std::uint32_t>(categories), "category of host {}",
            host.name());
    require(!carriage.urls().empty() &&
                static_cast<std::size_t>(carriage.urls_size()) <= kMaxUrlsPerCarriage,
            "number of URLs of host {}", host.name());
    for (const std::string& url : carriage.urls()) {
      const auto parsed = net::parse_base_url(url);
      require(parsed && *parsed == url, "URL of host {}: {}", host.name(), Printable{url});
    }
    const auto scheme = [](const std::string& url) { return net::scheme_of(url); };
    require(std::is_sorted(carriage.urls().begin(), carriage.urls().end(),
                           [&](const auto& a, const auto& b) { return scheme(a) < scheme(b); }),
            "order of the URLs of host {}", host.name());
  }
  require_ascending(host.carriages(), "carriages of host " + host.name(),
                    [](const proto::Carriage& carriage) { return carriage.category(); });
}

void check_hosts(const proto::Snapshot& snapshot) {
  require(static_cast<std::size_t>(snapshot.hosts_size()) <= kMaxHosts, "more than {} hosts",
          kMaxHosts);
  for (const proto::Host& host : snapshot.hosts()) {
    require(!host.name().empty() && is_name(host.name()) && is_name(host.site()),
            "name or site of host {}", host.id());
    require(host.bandwidth_mbps() >= 1 && host.bandwidth_mbps() <= kMaxBandwidthMbps,
            "bandwidth of host {}", host.name());
    require_ascending(host.client_asns(), "ASNs of host " + host.name(),
                      [](std::uint32_t asn) { return asn; });
    check_place(host);
    check_netblocks(host);
    check_carriages(host, snapshot.categories_size());
  }
  require_ascending(snapshot.hosts(), "hosts", [](const proto::Host& host) { return host.id(); });
}

void check_categories(const proto::Snapshot& snapshot) {
  require(static_cast<std::size_t>(snapshot.categories_size()) <= kMaxCategories,
          "more than {} categories", kMaxCategories);
  for (const proto::Category& category : snapshot.categories())
    require(!category.name().empty() && is_name(category.name()) &&
                net::is_path(category.top_directory()),
            "category {}", Printable{category.name()});
  require_ascending(snapshot.categories(), "categories",
                    [](const proto::Category& c) -> const std::string& { return c.name(); });
}

void check_host_sets(const proto::Snapshot& snapshot) {
  const auto hosts = static_cast<std::size_t>(snapshot.hosts_size());
  for (const std::string& set : snapshot.host_sets()) {
    require(set.empty() || set.back() != '\0', "a host set ends with a zero byte");
    const auto last = set.empty() ? 0U : static_cast<unsigned char>(set.back());
    const std::size_t bits =
        set.empty() ? 0 : set.size() * 8 - 8 + static_cast<std::size_t>(std::bit_width(last));
    require(bits <= hosts, "a host set names host {} of {}", bits, hosts);
  }
  require_ascending(snapshot.host_sets(), "host sets",
                    [](const std::string& set) -> const std::string& { return set; });
}

void check_file(const proto::File& file, const std::string& directory) {
  require(!file.name().empty() && net::is_path(file.name()) &&
              file.name().find('/') == std::string::npos,
          "name of a file in {}", directory);
  require(!file.versions().empty(), "{}/{} has no version", directory, file.name());
  const auto is_digest = [](const std::string& digest, std::size_t bytes) {
    return digest.empty() || digest.size() == bytes;
  };
  for (const proto::FileVersion& version : file.versions())
    require(is_digest(version.md5(), 16) && is_digest(version.sha1(), 20) &&
                is_digest(version.sha256(), 32) && is_digest(version.sha512(), 64),
            "length of a digest of {}/{}", directory, file.name());
  require(
      std::is_sorted(file.versions().begin(), file.versions().end(),
                     [](const auto& a, const auto& b) { return a.timestamp() > b.timestamp(); }),
      "versions of {}/{} are not newest first", directory, file.name());
}

// Which hosts carry a category, as a host set: no directory of it may name another.
std::vector<std::string> carriers_by_category(const proto::Snapshot& snapshot) {
  const auto set_bytes = static_cast<std::size_t>(snapshot.hosts_size() + 7) / 8;
  std::vector<std::string> carriers(static_cast<std::size_t>(snapshot.categories_size()),
                                    std::string(set_bytes, '\0'));
  for (int host = 0; host < snapshot.hosts_size(); ++host) {
    for (const proto::Carriage& carriage : snapshot.hosts(host).carriages()) {
      char& byte = carriers[carriage.category()][static_cast<std::size_t>(host) / 8];
      byte = static_cast<char>(static_cast<unsigned char>(byte) | (1U << (host % 8)));
    }
  }
  return carriers;
}

bool is_subset(std::string_view set, std::string_view of) {
  for (std::size_t i = 0; i < set.size(); ++i)
    if ((static_cast<unsigned char>(set[i]) &
         ~static_cast<unsigned>(static_cast<unsigned char>(of[i]))) != 0)
      return false;
  return true;
}

void check_directories(const proto::Snapshot& snapshot) {
  const auto carriers = carriers_by_category(snapshot);
  for (const proto::Directory& directory : snapshot.directories()) {
    require(net::is_path(directory.path()), "directory {}", Printable{directory.path()});
    require(directory.category() < carriers.size(), "category of directory {}", directory.path());
    const auto& category = snapshot.categories(static_cast<int>(directory.category()));
    require(net::is_at_or_below(directory.path(), category.top_directory()),
            "directory {} is not below the top directory of {}", directory.path(), category.name());
    require(directory.host_set() < static_cast<std::uint32_t>(snapshot.host_sets_size()),
            "host set of directory {}", directory.path());
    require(is_subset(snapshot.host_sets(static_cast<int>(directory.host_set())),
                      carriers[directory.category()]),
            "directory {} names a host that does not carry {}", directory.path(), category.name());
    if (directory.files().empty()) continue;
    for (const proto::File& file : directory.files()) check_file(file, directory.path());
    require_ascending(directory.files(), "files of " + directory.path(),
                      [](const proto::File& f) -> const std::string& { return f.name(); });
  }
  require_ascending(snapshot.directories(), "directories",
                    [](const proto::Directory& d) -> const std::string& { return d.path(); });
}

void check_redirects(const proto::Snapshot& snapshot) {
  require_ascending(
      snapshot.redirects(), "redirects",
      [](const proto::RepositoryRedirect& r) -> const std::string& { return r.from(); });
  std::unordered_map<std::string_view, std::string_view> next;
  for (const auto& redirect : snapshot.redirects()) {
    require(!redirect.from().empty() && is_name(redirect.from()) && is_name(redirect.to()),
            "redirect from {}", Printable{redirect.from()});
    next.emplace(redirect.from(), redirect.to());
  }
  for (const auto& redirect : snapshot.redirects()) {
    std::size_t depth = 0;
    for (auto at = next.find(redirect.from()); at != next.end(); at = next.find(at->second))
      require(++depth <= kMaxRedirects, "redirect from {} loops or is more than {} deep",
              redirect.from(), kMaxRedirects);
  }
}

void check_repositories(const proto::Snapshot& snapshot) {
  for (const proto::Repository& repository : snapshot.repositories()) {
    require(!repository.name().empty() && is_name(repository.name()) &&
                !repository.architecture().empty() && is_name(repository.architecture()),
            "name or architecture of repository {}", Printable{repository.name()});
    require(repository.directory() < static_cast<std::uint32_t>(snapshot.directories_size()),
            "directory of repository {}", repository.name());
  }
  require_ascending(snapshot.repositories(), "repositories", [](const proto::Repository& r) {
    return std::tie(r.name(), r.architecture());
  });
  check_redirects(snapshot);
}

void check_geography(const proto::Snapshot& snapshot) {
  for (const proto::Country& country : snapshot.countries())
    require(is_country(country.code()) && net::find_continent(country.continent()).has_value(),
            "country {} in continent {}", Printable{country.code()},
            Printable{country.continent()});
  require_ascending(snapshot.countries(), "countries",
                    [](const proto::Country& c) -> const std::string& { return c.code(); });
  for (const proto::NetblockCountry& entry : snapshot.netblock_countries())
    require(prefix_of(entry.netblock()).has_value() && is_country(entry.country()),
            "country {} of a netblock", Printable{entry.country()});
  require_ascending(snapshot.netblock_countries(), "countries of netblocks",
                    [](const proto::NetblockCountry& e) { return *prefix_of(e.netblock()); });
}

void check_networks(const proto::Snapshot& snapshot) {
  for (const proto::Netblock& netblock : snapshot.research_networks())
    require(prefix_of(netblock).has_value(), "a research network");
  require_ascending(snapshot.research_networks(), "research networks",
                    [](const proto::Netblock& netblock) { return *prefix_of(netblock); });
  for_each_asn_row(snapshot.asns(), [](const AsnRow&) {});
}

}  // namespace

void validate(const proto::Snapshot& snapshot) {
  check_categories(snapshot);
  check_hosts(snapshot);
  check_host_sets(snapshot);
  check_directories(snapshot);
  check_repositories(snapshot);
  check_geography(snapshot);
  check_networks(snapshot);
}

}  // namespace mirrorway::snapshot
