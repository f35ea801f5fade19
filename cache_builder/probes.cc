#include "cache_builder/probes.h"

#include <chrono>
#include <optional>
#include <string_view>

#include "common/answer/lookup.h"
#include "common/base/text.h"
#include "common/geo/database.h"
#include "common/geo/geoip_option.h"
#include "common/net/path.h"
#include "common/snapshot/image.h"

namespace mirrorway::cache_builder {
namespace {

constexpr std::uint32_t kMostMirrors = 65'535;

void check_probe(Probe& probe) {
  const bool has_path = !probe.path.empty();
  if (probe.repository.empty() != has_path || probe.architecture.empty() != has_path)
    throw base::UsageError("a probe needs either repository and architecture, or path");
  if (has_path) {
    auto path = net::parse_path(probe.path);
    if (!path) throw base::UsageError("path: {}", path.reason());
    probe.path = *std::move(path);
  }
  if (probe.address.empty()) throw base::UsageError("a probe needs the address of a client");
  const auto client = net::Address::parse(probe.address);
  if (!client)
    throw base::UsageError("address: \"{}\" is no IP address", base::printable(probe.address, 60));
  probe.client = client->unwrapped();
}

std::string describe(const Probe& probe) {
  const std::string name =
      probe.name.empty() ? "" : fmt::format("\"{}\" ", base::printable(probe.name));
  const std::string question =
      probe.path.empty() ? fmt::format("repository {} {}", base::printable(probe.repository),
                                       base::printable(probe.architecture))
                         : fmt::format("path {}", base::printable(probe.path));
  return fmt::format("probe {}({}, {})", name, question, probe.client.text());
}

proto::LookupRequest request_of(const Probe& probe) {
  proto::LookupRequest request;
  request.set_repository(probe.repository);
  request.set_architecture(probe.architecture);
  request.set_path(probe.path);
  request.set_client_address(std::string(probe.client.bytes()));
  return request;
}

// As many as the server would list if it were asked for as many as the probe wants.
std::optional<std::size_t> count_mirrors(const Probe& probe, const snapshot::Image& image,
                                         const geo::GeoDatabase& geo) {
  selection::Policy policy;
  policy.min_mirrors = probe.min_mirrors;
  policy.max_mirrors = probe.min_mirrors;
  std::optional<std::size_t> count;
  answer::explain_lookup(image, geo, policy, request_of(probe), std::chrono::system_clock::now(),
                         [&](const answer::Listing& listing) {
                           count = listing.selection.hosts.size();
                           return std::string();
                         });
  return count;
}

}  // namespace

void declare_probes(base::Options& options, ProbeSettings& settings) {
  geo::declare_geoip(options, settings.geoip, ", for probes");
  constexpr std::string_view kHelp =
      "A question that a snapshot must answer well before it is published, any number of times: a "
      "repository and architecture, or a path; the address of a client; the least number of "
      "mirrors for it.";
  options.add_tables("probe", kHelp, [&settings](base::Options::Table& table) {
    Probe& probe = settings.probes.emplace_back();
    table.add("name", probe.name, "NAME", "For the message when it fails; may be left out");
    table.add("repository", probe.repository, "NAME", "What is asked for, with architecture");
    table.add("architecture", probe.architecture, "NAME", "What is asked for, with repository");
    table.add("path", probe.path, "PATH", "What is asked for instead of both");
    table.add("address", probe.address, "ADDRESS", "The client's, IPv4 or IPv6");
    table.add("min_mirrors", probe.min_mirrors, 1, kMostMirrors,
              "How many mirrors its answer must have");
    table.add_check([&probe] { check_probe(probe); });
  });
}

std::vector<std::string> find_failing_probes(const ProbeSettings& settings,
                                             const proto::Snapshot& snapshot) {
  if (settings.probes.empty()) return {};
  geo::GeoDatabase geo;
  try {
    geo = geo::GeoDatabase::load(geo::geoip_files(settings.geoip));
  } catch (const base::Error& error) {
    return {fmt::format("probes cannot be asked: {}", error.what())};
  }
  const auto block = snapshot::Image::build(snapshot);
  const snapshot::Image image(block);
  std::vector<std::string> failing;
  for (const Probe& probe : settings.probes) {
    const auto mirrors = count_mirrors(probe, image, geo);
    if (!mirrors) {
      failing.push_back(describe(probe) + " is not found or disabled");
    } else if (*mirrors < probe.min_mirrors) {
      failing.push_back(
          fmt::format("{} gets {} of {} mirrors", describe(probe), *mirrors, probe.min_mirrors));
    }
  }
  return failing;
}

}  // namespace mirrorway::cache_builder
