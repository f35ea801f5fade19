#include "cache_builder/inspect.h"

#include <fmt/format.h>

#include <vector>

#include <nlohmann/json.hpp>

#include "cache_builder/host_sets.h"
#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/snapshot/file.h"
#include "common/snapshot/netblock.h"

namespace mirrorway::cache_builder {
namespace {

using nlohmann::ordered_json;

std::string netblock_text(const proto::Netblock& netblock) {
  const auto prefix = snapshot::prefix_of(netblock);
  return prefix ? prefix->text() : "?";
}

std::vector<std::string> netblock_texts(const proto::Host& host) {
  std::vector<std::string> texts;
  for (const proto::Netblock& netblock : host.netblocks()) texts.push_back(netblock_text(netblock));
  return texts;
}

ordered_json list_of(const auto& values) {
  ordered_json list = ordered_json::array();
  for (const auto& value : values) list.push_back(value);
  return list;
}

ordered_json to_json(const proto::Host& host, const proto::Snapshot& snapshot) {
  ordered_json json{{"id", host.id()},
                    {"name", host.name()},
                    {"site", host.site()},
                    {"country", host.country()},
                    {"city", host.city()},
                    {"latitude", nullptr},
                    {"longitude", nullptr},
                    {"bandwidth_mbps", host.bandwidth_mbps()},
                    {"private", host.is_private()},
                    {"monopoly", host.is_monopoly()},
                    {"last_resort", host.is_last_resort()},
                    {"research", host.is_research()},
                    {"research_clients", host.serves_research()},
                    {"allowed_countries", list_of(host.allowed_countries())},
                    {"client_asns", list_of(host.client_asns())},
                    {"netblocks", list_of(netblock_texts(host))},
                    {"categories", ordered_json::object()}};
  if (host.has_latitude()) json["latitude"] = host.latitude();
  if (host.has_longitude()) json["longitude"] = host.longitude();
  for (const proto::Carriage& carriage : host.carriages())
    json["categories"][snapshot.categories(static_cast<int>(carriage.category())).name()] =
        list_of(carriage.urls());
  return json;
}

ordered_json to_json(const proto::File& file) {
  ordered_json versions = ordered_json::array();
  for (const proto::FileVersion& version : file.versions())
    versions.push_back({{"size", version.size()},
                        {"timestamp", version.timestamp()},
                        {"md5", base::to_hex(version.md5())},
                        {"sha1", base::to_hex(version.sha1())},
                        {"sha256", base::to_hex(version.sha256())},
                        {"sha512", base::to_hex(version.sha512())}});
  return {{"name", file.name()}, {"versions", std::move(versions)}};
}

ordered_json to_json(const proto::Directory& directory, const proto::Snapshot& snapshot) {
  ordered_json files = ordered_json::array();
  for (const proto::File& file : directory.files()) files.push_back(to_json(file));
  return {{"path", directory.path()},
          {"category", snapshot.categories(static_cast<int>(directory.category())).name()},
          {"host_set", directory.host_set()},
          {"files", std::move(files)}};
}

const std::string& path_of(const proto::Repository& repository, const proto::Snapshot& snapshot) {
  return snapshot.directories(static_cast<int>(repository.directory())).path();
}

ordered_json host_sets_json(const proto::Snapshot& snapshot) {
  ordered_json sets = ordered_json::array();
  for (const std::string& set : snapshot.host_sets()) {
    ordered_json ids = ordered_json::array();
    for (const std::size_t host : hosts_in(set))
      ids.push_back(snapshot.hosts(static_cast<int>(host)).id());
    sets.push_back(std::move(ids));
  }
  return sets;
}

ordered_json geography_json(const proto::Snapshot& snapshot) {
  ordered_json countries = ordered_json::object();
  for (const proto::Country& country : snapshot.countries())
    countries[country.code()] = country.continent();
  ordered_json netblocks = ordered_json::object();
  for (const proto::NetblockCountry& entry : snapshot.netblock_countries())
    netblocks[netblock_text(entry.netblock())] = entry.country();
  ordered_json research = ordered_json::array();
  for (const proto::Netblock& netblock : snapshot.research_networks())
    research.push_back(netblock_text(netblock));
  return {{"countries", std::move(countries)},
          {"netblock_countries", std::move(netblocks)},
          {"research_netblocks", std::move(research)},
          {"asn_prefixes",
           {{"ipv4", snapshot.asns().ipv4().asns_size()},
            {"ipv6", snapshot.asns().ipv6().asns_size()}}}};
}

std::string flags_of(const proto::Host& host) {
  std::string flags;
  if (host.is_private()) flags += " private";
  if (host.is_monopoly()) flags += " monopoly";
  if (host.is_last_resort()) flags += " last-resort";
  if (host.is_research()) flags += " research";
  if (host.serves_research()) flags += " research-clients";
  return flags;
}

void append_host(const proto::Host& host, const proto::Snapshot& snapshot, std::string& text) {
  text += fmt::format("  {} {} ({}) {} {} Mbit/s{}\n", host.id(), host.name(), host.site(),
                      host.country().empty() ? "--" : host.country(), host.bandwidth_mbps(),
                      flags_of(host));
  if (!host.client_asns().empty())
    text += fmt::format("    ASNs {}\n", fmt::join(host.client_asns(), ", "));
  if (!host.netblocks().empty())
    text += fmt::format("    netblocks {}\n", fmt::join(netblock_texts(host), ", "));
  if (!host.allowed_countries().empty())
    text += fmt::format("    allowed countries {}\n", fmt::join(host.allowed_countries(), ", "));
  for (const proto::Carriage& carriage : host.carriages())
    text += fmt::format("    {} {}\n",
                        snapshot.categories(static_cast<int>(carriage.category())).name(),
                        fmt::join(carriage.urls(), " "));
}

void append_digest(std::string_view name, const std::string& digest, std::string& text) {
  if (!digest.empty()) text += fmt::format("      {} {}\n", name, base::to_hex(digest));
}

void append_directory(const proto::Directory& directory, std::string& text) {
  text += fmt::format("  {} host set {}, {} files\n", directory.path(), directory.host_set(),
                      directory.files_size());
  for (const proto::File& file : directory.files()) {
    for (const proto::FileVersion& version : file.versions()) {
      text +=
          fmt::format("    {} of {}, {} bytes\n", file.name(), version.timestamp(), version.size());
      append_digest("md5", version.md5(), text);
      append_digest("sha1", version.sha1(), text);
      append_digest("sha256", version.sha256(), text);
      append_digest("sha512", version.sha512(), text);
    }
  }
}

}  // namespace

std::string inspect_as_text(std::string_view bytes) {
  const proto::Snapshot snapshot = snapshot::decode_file(bytes);
  std::string text =
      fmt::format("format version {}, {} bytes, sha256 {}\ncatalog generation {}, changed at {}\n",
                  snapshot::kFormatVersion, bytes.size(), snapshot::file_digest(bytes),
                  snapshot.catalog_generation(), snapshot.catalog_time());
  text += fmt::format("\n{} categories\n", snapshot.categories_size());
  for (const proto::Category& category : snapshot.categories())
    text += fmt::format("  {} at \"{}\"\n", category.name(), category.top_directory());
  text += fmt::format("\n{} hosts\n", snapshot.hosts_size());
  for (const proto::Host& host : snapshot.hosts()) append_host(host, snapshot, text);
  text += fmt::format("\n{} host sets\n", snapshot.host_sets_size());
  for (int i = 0; i < snapshot.host_sets_size(); ++i)
    text += fmt::format("  {} of {} hosts\n", i, hosts_in(snapshot.host_sets(i)).size());
  text += fmt::format("\n{} directories\n", snapshot.directories_size());
  for (const proto::Directory& directory : snapshot.directories())
    append_directory(directory, text);
  text += fmt::format("\n{} repositories\n", snapshot.repositories_size());
  for (const proto::Repository& repository : snapshot.repositories())
    text += fmt::format("  {} {} at {}{}\n", repository.name(), repository.architecture(),
                        path_of(repository, snapshot), repository.is_disabled() ? " disabled" : "");
  text += fmt::format("\n{} redirects\n", snapshot.redirects_size());
  for (const proto::RepositoryRedirect& redirect : snapshot.redirects())
    text += fmt::format("  {} to {}\n", redirect.from(), redirect.to());
  text += fmt::format("\n{} countries, {} countries of netblocks\n", snapshot.countries_size(),
                      snapshot.netblock_countries_size());
  for (const proto::NetblockCountry& entry : snapshot.netblock_countries())
    text += fmt::format("  {} is in {}\n", netblock_text(entry.netblock()), entry.country());
  text += fmt::format("\n{} research networks\n", snapshot.research_networks_size());
  for (const proto::Netblock& netblock : snapshot.research_networks())
    text += fmt::format("  {}\n", netblock_text(netblock));
  text += fmt::format("\n{} IPv4 and {} IPv6 prefixes with ASN\n",
                      snapshot.asns().ipv4().asns_size(), snapshot.asns().ipv6().asns_size());
  return text;
}

std::string inspect_as_json(std::string_view bytes) {
  const proto::Snapshot snapshot = snapshot::decode_file(bytes);
  ordered_json json{{"format_version", snapshot::kFormatVersion},
                    {"bytes", bytes.size()},
                    {"sha256", snapshot::file_digest(bytes)},
                    {"catalog_generation", snapshot.catalog_generation()},
                    {"builder_revision", snapshot.builder_revision()},
                    {"catalog_time", snapshot.catalog_time()},
                    {"categories", ordered_json::array()},
                    {"hosts", ordered_json::array()},
                    {"host_sets", host_sets_json(snapshot)},
                    {"directories", ordered_json::array()},
                    {"repositories", ordered_json::array()},
                    {"redirects", ordered_json::object()}};
  for (const proto::Category& category : snapshot.categories())
    json["categories"].push_back(
        {{"name", category.name()}, {"top_directory", category.top_directory()}});
  for (const proto::Host& host : snapshot.hosts()) json["hosts"].push_back(to_json(host, snapshot));
  for (const proto::Directory& directory : snapshot.directories())
    json["directories"].push_back(to_json(directory, snapshot));
  for (const proto::Repository& repository : snapshot.repositories())
    json["repositories"].push_back({{"name", repository.name()},
                                    {"architecture", repository.architecture()},
                                    {"directory", path_of(repository, snapshot)},
                                    {"disabled", repository.is_disabled()}});
  for (const proto::RepositoryRedirect& redirect : snapshot.redirects())
    json["redirects"][redirect.from()] = redirect.to();
  json.update(geography_json(snapshot));
  constexpr int kIndent = 1;
  // Texts in a snapshot are UTF-8, but a bad byte must not make the tool for looking at it fail.
  return json.dump(kIndent, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace mirrorway::cache_builder
