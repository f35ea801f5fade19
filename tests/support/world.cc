#include "tests/support/world.h"

#include <set>
#include <tuple>

#include "common/snapshot/file.h"
#include "common/snapshot/netblock.h"

namespace mirrorway::tests {
namespace {

std::vector<std::byte> valid_block(const proto::Snapshot& snapshot) {
  snapshot::validate(snapshot);
  return snapshot::Image::build(snapshot);
}

void append_group(std::string_view separator, const std::set<std::string>& names,
                  std::string& text) {
  if (!text.empty()) text += separator;
  text += fmt::format("{}", fmt::join(names, " "));
}

}  // namespace

Network varied_network() {
  Network network;
  network.add_host("de1", "DE");
  network.add_host("de2", "DE");
  network.add_host("fr1", "FR");
  network.add_host("us1", "US");
  network.add_host("jp1", "JP");
  network.add_host("nowhere", "");
  auto& university = network.add_host("university", "DE");
  university.set_is_private(true);
  add_netblock(university, "192.0.2.0/24");
  auto& faculty = network.add_host("faculty", "DE");
  faculty.set_is_private(true);
  add_netblock(faculty, "192.0.2.64/26");
  auto& provider = network.add_host("provider", "FR");
  provider.set_is_private(true);
  provider.add_client_asns(64500);
  auto& office = network.add_host("office", "US");
  office.set_is_private(true);
  office.set_is_monopoly(true);
  add_netblock(office, "198.51.100.0/24");
  auto& master = network.add_host("master", "DE");
  master.set_is_last_resort(true);
  auto& domestic = network.add_host("domestic", "US");
  domestic.add_allowed_countries("US");
  add_netblock(domestic, "203.0.113.0/24");
  network.set_partial({0, 4});
  return network;
}

World::World(const proto::Snapshot& snapshot) : block_(valid_block(snapshot)), image_(block_) {}

std::string World::name(snapshot::HostIndex host) const {
  return std::string(image_.text(image_.hosts()[host].name));
}

std::string World::order(const selection::Selection& selection) const {
  std::vector<std::string> names;
  for (const auto& ranked : selection.hosts) names.push_back(name(ranked.host));
  return fmt::format("{}", fmt::join(names, " "));
}

std::string World::tiers(const selection::Selection& selection) const {
  std::string result;
  for (std::size_t i = 0; i < selection.hosts.size();) {
    std::set<std::string> names;
    const auto tier = selection.hosts[i].tier;
    for (; i < selection.hosts.size() && selection.hosts[i].tier == tier; ++i)
      names.insert(name(selection.hosts[i].host));
    append_group(" | ", names, result);
  }
  return result;
}

std::string World::bands(const selection::Selection& selection) const {
  const auto group_of = [](const selection::RankedHost& ranked) {
    return std::tuple(ranked.tier, ranked.band.value_or(selection::Band::k2500Km));
  };
  std::string result;
  for (std::size_t i = 0; i < selection.hosts.size();) {
    const bool is_same_tier = i > 0 && selection.hosts[i].tier == selection.hosts[i - 1].tier;
    std::set<std::string> names;
    const auto group = group_of(selection.hosts[i]);
    for (; i < selection.hosts.size() && group_of(selection.hosts[i]) == group; ++i)
      names.insert(name(selection.hosts[i].host));
    append_group(is_same_tier ? " / " : " | ", names, result);
  }
  return result;
}

selection::Client client(std::string_view address, std::string_view country,
                         std::optional<std::uint32_t> asn) {
  selection::Client result;
  result.address = tests::address(address);
  result.country = net::CountryCode::parse(country);
  for (const auto& fact : net::known_countries())
    if (fact.code == country) result.continent = fact.continent;
  result.asn = asn;
  return result;
}

selection::Client client_at(std::string_view country, double latitude, double longitude) {
  auto result = client("10.0.0.1", country);
  result.position = net::point_at(latitude, longitude);
  return result;
}

selection::Query everything(const snapshot::Image& image, std::string_view path) {
  selection::Query query;
  const auto directory = image.find_directory(path);
  MIRRORWAY_ASSERT(directory.has_value());
  query.directories = {*directory};
  return query;
}

std::vector<net::CountryCode> countries(std::initializer_list<const char*> codes) {
  std::vector<net::CountryCode> result;
  for (const char* code : codes) result.push_back(*net::CountryCode::parse(code));
  return result;
}

void set_position(proto::Host& host, double latitude, double longitude) {
  host.set_latitude(latitude);
  host.set_longitude(longitude);
}

void add_research_network(proto::Snapshot& snapshot, std::string_view cidr) {
  *snapshot.add_research_networks() = snapshot::to_proto(*net::Prefix::parse(cidr));
}

}  // namespace mirrorway::tests
