#include "admin/networks/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <set>

#include <CLI/CLI.hpp>

#include "admin/importing.h"
#include "admin/netblock_remarks.h"
#include "admin/networks/cloud_ranges.h"
#include "admin/networks/continents.h"
#include "admin/networks/route_files.h"
#include "admin/values.h"
#include "common/base/file.h"
#include "common/base/percent.h"
#include "common/base/terminal.h"
#include "common/catalog/writer.h"
#include "common/snapshot/asn_table.h"

namespace mirrorway::admin {
namespace {

using catalog::CatalogWriter;
using catalog::CloudRange;
using catalog::CloudRegion;

struct Families {
  std::size_t ipv4 = 0;
  std::size_t ipv6 = 0;

  void add(const net::Prefix& prefix) {
    ++(prefix.address().family() == net::Family::kIpv4 ? ipv4 : ipv6);
  }
  std::string text() const { return fmt::format("{} IPv4 and {} IPv6", ipv4, ipv6); }
};

template <typename Rows>
Families count(const Rows& rows) {
  Families families;
  for (const auto& row : rows) families.add(row);
  return families;
}

class Guard {
 public:
  explicit Guard(const NetworkCommands::Settings& settings) : max_loss_(settings.max_loss) {}

  // Throws when too much of `before` would be gone.
  void check(std::string_view what, std::size_t before, std::size_t after) const {
    if (!base::loses_more_than(max_loss_, before, after)) return;
    throw base::Error(
        "nothing was changed: {} {} would take the place of {}, more than {} fewer; if that is "
        "right, say --max-loss 100%",
        after, what, before, base::format_percent(max_loss_));
  }
  // Each family for itself: a file that lacks one is not made up for by the other.
  void check(std::string_view what, const Families& before, const Families& after) const {
    check(fmt::format("IPv4 {}", what), before.ipv4, after.ipv4);
    check(fmt::format("IPv6 {}", what), before.ipv6, after.ipv6);
  }

 private:
  base::Share max_loss_;
};

int finish(CatalogWriter& writer, const NetworkCommands::Settings& settings,
           const std::string& summary) {
  std::cout << summary;
  const bool is_same = !writer.has_changes();
  finish_import(writer, settings.is_dry_run);
  if (is_same && !settings.is_dry_run) std::cout << "the catalog had it so already\n";
  return base::kExitSuccess;
}

RouteFiles read_files(const NetworkCommands::Settings& settings) {
  base::ProgressLine progress;
  RouteFilesOptions options{settings.bgpdump,
                            {},
                            settings.max_bad_lines,
                            [&](const std::string& file, std::size_t entries) {
                              // Nobody knows how many there will be.
                              progress.show(fmt::format("reading {}: {} entries", file, entries), 0,
                                            0);
                            }};
  for (const std::uint32_t asn : asns_value(settings.through)) options.through.insert(asn);
  progress.show_step("reading " + settings.files.front(), 0, 0);
  RouteFiles read = read_route_files(settings.files, options);
  progress.wipe();
  if (read.bad_lines > 0) std::cerr << fmt::format("{} bad lines left out\n", read.bad_lines);
  return read;
}

int import_asns(const std::string& catalog_url, const NetworkCommands::Settings& settings) {
  const Guard guard(settings);
  auto [rows, entries, bad_lines] = read_files(settings);
  const std::size_t useless = std::erase_if(rows, [](const net::AsnPrefix& row) {
    const bool is_ipv6 = row.prefix.address().family() == net::Family::kIpv6;
    return row.asn == 0 || row.prefix.length() == 0 ||
           (is_ipv6 && row.prefix.length() > snapshot::kMaxAsnIpv6Length);
  });
  if (rows.empty()) throw base::Error("{}: no AS is told of any network", settings.files.front());
  Families after;
  for (const net::AsnPrefix& row : rows) after.add(row.prefix);
  CatalogWriter writer(catalog_url);
  Families before;
  writer.for_each_asn([&](const net::AsnPrefix& row) { before.add(row.prefix); });
  guard.check("prefixes with ASN", before, after);
  base::ProgressLine progress;
  progress.show_step("writing prefixes", 1, 2);
  writer.replace_asns(rows);
  progress.wipe();
  return finish(
      writer, settings,
      fmt::format("{} entries read, {} prefixes with ASN (before: {}); {} prefixes left "
                  "out: default routes, unknown AS, longer than IPv6 /{}\n",
                  entries, after.text(), before.text(), useless, snapshot::kMaxAsnIpv6Length));
}

int import_research(const std::string& catalog_url, const NetworkCommands::Settings& settings) {
  const Guard guard(settings);
  const RouteFiles read = read_files(settings);
  std::vector<net::Prefix> netblocks;
  for (const net::AsnPrefix& row : read.rows)
    if (row.prefix.length() > 0) netblocks.push_back(row.prefix);
  if (netblocks.empty())
    throw base::Error("{}: no research network is in it{}", settings.files.front(),
                      settings.through.empty() ? "" : " that is reached through those AS");
  CatalogWriter writer(catalog_url);
  const Families before = count(writer.imported_research());
  const Families after = count(netblocks);
  guard.check("research networks", before, after);
  base::ProgressLine progress;
  progress.show_step("writing research networks", 1, 2);
  writer.replace_imported_research(netblocks);
  progress.wipe();
  return finish(writer, settings,
                fmt::format("{} entries read, {} research networks (before: {})\n", read.entries,
                            after.text(), before.text()));
}

std::vector<CloudRange> ranges_of(const catalog::CatalogReader& reader, std::string_view provider) {
  std::vector<CloudRange> ranges = reader.cloud_ranges();
  std::erase_if(ranges, [&](const CloudRange& r) { return r.region.provider != provider; });
  return ranges;
}

std::size_t count_in(const CloudRegion& region, const std::vector<CloudRange>& ranges) {
  return static_cast<std::size_t>(
      std::count_if(ranges.begin(), ranges.end(),
                    [&](const CloudRange& range) { return region.holds(range.region); }));
}

// A region that a host stands in may shrink and grow, but not go: its host would not be answered.
void check_hosts(const CatalogWriter& writer, const std::vector<CloudRange>& before,
                 const std::vector<CloudRange>& after, const Guard& guard) {
  const std::string& provider = after.front().region.provider;
  for (const catalog::Host& host : writer.hosts()) {
    for (const CloudRegion& cloud : host.clouds) {
      if (cloud.provider != provider || count_in(cloud, after) > 0) continue;
      guard.check(fmt::format("ranges of {}, where host {} stands,", cloud.text(), host.name),
                  count_in(cloud, before), 0);
    }
  }
}

std::vector<catalog::HostId> hosts_in(const CatalogWriter& writer, std::string_view provider) {
  std::vector<catalog::HostId> hosts;
  for (const catalog::Host& host : writer.hosts())
    if (std::any_of(host.clouds.begin(), host.clouds.end(),
                    [&](const CloudRegion& cloud) { return cloud.provider == provider; }))
      hosts.push_back(host.id);
  return hosts;
}

int import_cloud(const std::string& catalog_url, const NetworkCommands::Settings& settings) {
  const Guard guard(settings);
  const std::string& file = settings.files.front();
  base::ProgressLine progress;
  progress.show_step("reading " + file, 0, 2);
  const auto table =
      parse_cloud_file(settings.provider, base::read_file(file, kMaxCloudFileBytes)).or_throw(file);
  progress.wipe();
  for (const std::string& remark : table.remarks)
    std::cerr << fmt::format("{}: remark: {}\n", file, remark);
  std::set<std::string> regions;
  Families after;
  for (const CloudRange& range : table.ranges) {
    after.add(range.netblock);
    regions.insert(range.region.region);
  }
  CatalogWriter writer(catalog_url);
  const std::vector<CloudRange> ranges = ranges_of(writer, settings.provider);
  Families before;
  for (const CloudRange& range : ranges) before.add(range.netblock);
  guard.check("ranges", before, after);
  check_hosts(writer, ranges, table.ranges, guard);
  progress.show_step("writing ranges", 1, 2);
  writer.replace_cloud(settings.provider, table.ranges);
  progress.wipe();
  if (writer.has_changes())  // what was told before is no news
    for (const std::string& remark : network_remarks(writer, hosts_in(writer, settings.provider)))
      std::cerr << fmt::format("remark: {}\n", remark);
  return finish(writer, settings,
                fmt::format("{} ranges in {} regions of {} (before: {})\n", after.text(),
                            regions.size(), settings.provider, before.text()));
}

int import_continents(const std::string& catalog_url, const NetworkCommands::Settings& settings) {
  const Guard guard(settings);
  const std::string& file = settings.files.front();
  auto parsed = parse_continents(base::read_file(file, kMaxContinentsFileBytes));
  if (!parsed) throw base::Error("{}:{}", file, parsed.reason());
  CatalogWriter writer(catalog_url);
  const std::size_t before = writer.countries().size();
  guard.check("countries", before, parsed->size());
  base::ProgressLine progress;
  progress.show_step("writing continents", 0, 1);
  for (const auto& [country, continent] : *parsed) writer.set_continent(country, continent);
  progress.wipe();
  return finish(writer, settings,
                fmt::format("{} countries read; the catalog has {} (before: {})\n", parsed->size(),
                            writer.countries().size(), before));
}

}  // namespace

NetworkCommands::NetworkCommands(CLI::App& import, base::Options& options)
    : asn_(declare(import, "asn",
                   "Which AS announces which network: routing tables (MRT, perhaps *.bz2 or *.gz) "
                   "or \"CIDR ASN\" lines")),
      research_(declare(import, "research",
                        "Research networks: all that such routing tables hold, or a CIDR a line")),
      cloud_(declare(import, "cloud", "The address ranges that a cloud provider publishes")),
      continents_(declare(import, "continents", "\"COUNTRY,CONTINENT\" lines, such as DE,EU")) {
  options.add("max-loss", settings_.max_loss,
              "An import of networks, clouds or continents that has so much less than the catalog "
              "is refused");
  options.add("bgpdump", settings_.bgpdump, "PROGRAM",
              "What reads routing tables for import asn and import research");
  for (CLI::App* const command : {asn_, research_}) {
    command->add_option("FILE", settings_.files, "One or more")->required();
    command
        ->add_option("--through", settings_.through, "Only what is reached through one of these AS")
        ->type_name("ASN,…");
    command
        ->add_option("--max-bad-lines", settings_.max_bad_lines,
                     "So many lines may be unreadable, and are left out [0]")
        ->type_name("N");
  }
  cloud_->add_option("PROVIDER", settings_.provider, "aws, azure, gcp or oci")
      ->required()
      ->check(CLI::IsMember({"aws", "azure", "gcp", "oci"}));
  cloud_->add_option("FILE", settings_.files, "Its JSON file")->required()->expected(1);
  continents_->add_option("FILE", settings_.files, "The table")->required()->expected(1);
}

CLI::App* NetworkCommands::declare(CLI::App& import, const char* name, const char* help) {
  CLI::App* const command = import.add_subcommand(name, help);
  command->add_flag("--dry-run", settings_.is_dry_run, "Do everything, then change nothing");
  return command;
}

std::optional<int> NetworkCommands::run(const std::string& catalog_url) const {
  if (asn_->parsed()) return import_asns(catalog_url, settings_);
  if (research_->parsed()) return import_research(catalog_url, settings_);
  if (cloud_->parsed()) return import_cloud(catalog_url, settings_);
  if (continents_->parsed()) return import_continents(catalog_url, settings_);
  return std::nullopt;
}

}  // namespace mirrorway::admin
