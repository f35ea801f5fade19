#include "mirrorlist_server/settings.h"

#include <algorithm>

#include "common/base/error.h"

namespace mirrorway::mirrorlist_server {
namespace {

constexpr std::string_view kNoGeoip = "none";

void check(const Settings& settings) {
  if (settings.geoip.empty())
    throw base::UsageError(
        "--geoip is needed: name a .mmdb file, or \"none\" to run without geolocation");
  if (settings.geoip.size() > 1 &&
      std::find(settings.geoip.begin(), settings.geoip.end(), kNoGeoip) != settings.geoip.end())
    throw base::UsageError("--geoip none cannot be given together with files");
  if (settings.idle_timeout > std::chrono::hours(24))
    throw base::UsageError("--idle-timeout may be 24h at most");
  base::parse_log_level(settings.log_level);
}

}  // namespace

void declare(base::Options& options, Settings& settings) {
  constexpr std::uint32_t kMostChildren = 10'000;
  options.add("snapshot", settings.snapshot, "FILE", "Snapshot to answer from");
  options.add("geoip", settings.geoip, "FILE",
              "MaxMind DB file with countries, cities or ASNs; may be given several times, the "
              "first that knows a fact about an address is believed; \"none\" runs without");
  options.add("socket", settings.socket, "PATH", "Unix socket to listen on");
  options.add("max-children", settings.max_children, 1, kMostChildren,
              "Connections served at once; further ones wait");
  options.add("idle-timeout", settings.idle_timeout,
              "A connection without a request for as long is closed; 0s: never");
  declare_policy(options, settings.policy);
  options.add("log-level", settings.log_level, "LEVEL",
              "Least level to log: debug, info, warning, error");
  options.add_check([&settings] { check(settings); });
  options.add_section("Signals",
                      "  HUP        load snapshot and geolocation files again\n"
                      "  TERM, INT  finish the requests under way, then exit");
  options.add_section(
      "Examples",
      "  mirrorlist_server --snapshot mirrorlist.snapshot \\\n"
      "      --geoip GeoLite2-City.mmdb --geoip GeoLite2-ASN.mmdb --socket ml.sock");
}

std::vector<std::string> geoip_files(const Settings& settings) {
  if (settings.geoip.size() == 1 && settings.geoip.front() == kNoGeoip) return {};
  return settings.geoip;
}

}  // namespace mirrorway::mirrorlist_server
