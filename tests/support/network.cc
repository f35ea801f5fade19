#include "tests/support/network.h"

#include <algorithm>
#include <numeric>

#include "common/net/country.h"
#include "common/snapshot/netblock.h"

namespace mirrorway::tests {
namespace {

std::string bitmap(const std::vector<std::size_t>& hosts) {
  std::string bytes;
  for (const std::size_t host : hosts) {
    bytes.resize(std::max(bytes.size(), host / 8 + 1));
    bytes[host / 8] = static_cast<char>(bytes[host / 8] | 1 << (host % 8));
  }
  return bytes;
}

}  // namespace

Network::Network() {
  snapshot_.set_catalog_time(1'700'000'000);
  snapshot_.set_catalog_generation(7);
  auto& category = *snapshot_.add_categories();
  category.set_name("linux");
  category.set_top_directory("pub/linux");
  for (const char* path : {"pub/linux/os", "pub/linux/os/repodata", "pub/linux/partial"})
    snapshot_.add_directories()->set_path(path);
  auto& repository = *snapshot_.add_repositories();
  repository.set_name("os");
  repository.set_architecture("x86_64");
  for (const auto& fact : net::known_countries()) {
    auto& country = *snapshot_.add_countries();
    country.set_code(std::string(fact.code));
    country.set_continent(std::string(net::continent_code(fact.continent)));
  }
}

proto::Host& Network::add_host(const std::string& name, std::string_view country,
                               std::uint32_t bandwidth_mbps) {
  auto& host = *snapshot_.add_hosts();
  host.set_id(static_cast<std::uint64_t>(snapshot_.hosts_size()));
  host.set_name(name);
  host.set_site("Site of " + name);
  host.set_country(std::string(country));
  host.set_bandwidth_mbps(bandwidth_mbps);
  auto& carriage = *host.add_carriages();
  carriage.add_urls("https://" + name + "/linux");
  carriage.add_urls("http://" + name + "/linux");
  return host;
}

void Network::set_partial(const std::vector<std::size_t>& hosts) {
  partial_ = bitmap(hosts);
}

void Network::add_redirect(const std::string& from, const std::string& to) {
  auto& redirect = *snapshot_.add_redirects();
  redirect.set_from(from);
  redirect.set_to(to);
}

proto::Snapshot Network::snapshot() const {
  proto::Snapshot result = snapshot_;
  std::vector<std::size_t> all(static_cast<std::size_t>(result.hosts_size()));
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<std::string> sets{bitmap(all), partial_};
  std::sort(sets.begin(), sets.end());
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  for (const std::string& set : sets) result.add_host_sets(set);
  for (auto& directory : *result.mutable_directories()) {
    const std::string& wanted = directory.path() == "pub/linux/partial" ? partial_ : bitmap(all);
    directory.set_host_set(
        static_cast<std::uint32_t>(std::find(sets.begin(), sets.end(), wanted) - sets.begin()));
  }
  return result;
}

void add_netblock(proto::Host& host, std::string_view cidr) {
  *host.add_netblocks() = snapshot::to_proto(*net::Prefix::parse(cidr));
}

net::Address address(std::string_view text) {
  return *net::Address::parse(text);
}

}  // namespace mirrorway::tests
