#include "mirrorlist_server/settings.h"

#include <algorithm>

#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::mirrorlist_server {
namespace {

constexpr std::string_view kNoGeoip = "none";
constexpr std::uint32_t kMostMirrors = 65'535;

void set_order(Settings& settings) {
  if (settings.order == "weight") {
    settings.policy.order = selection::Order::kWeight;
  } else if (settings.order != "distance") {
    throw base::UsageError("--order: \"{}\" is neither distance nor weight",
                           base::printable(settings.order));
  }
}

// What is set by hand counts all the same.
void set_compat(const base::Options& options, Settings& settings) {
  if (settings.compat == "none") return;
  if (settings.compat != "mirrormanager")
    throw base::UsageError("--compat: \"{}\" is neither none nor mirrormanager",
                           base::printable(settings.compat));
  constexpr std::uint32_t kMirrorManagerMinimum = 5;
  settings.policy.always_adds_continent = true;
  if (!options.is_set("min-mirrors")) settings.policy.min_mirrors = kMirrorManagerMinimum;
  if (!options.is_set("max-mirrors")) settings.policy.max_mirrors = kMostMirrors;
}

void check(const base::Options& options, Settings& settings) {
  set_order(settings);
  set_compat(options, settings);
  if (settings.geoip.empty())
    throw base::UsageError(
        "--geoip is needed: name a .mmdb file, or \"none\" to run without geolocation");
  if (settings.geoip.size() > 1 &&
      std::find(settings.geoip.begin(), settings.geoip.end(), kNoGeoip) != settings.geoip.end())
    throw base::UsageError("--geoip none cannot be given together with files");
  if (settings.policy.min_mirrors > settings.policy.max_mirrors)
    throw base::UsageError("--min-mirrors {} is more than --max-mirrors {}",
                           settings.policy.min_mirrors, settings.policy.max_mirrors);
  if (settings.idle_timeout > std::chrono::hours(24))
    throw base::UsageError("--idle-timeout may be 24h at most");
  if (settings.policy.rotation.count() == 0)
    throw base::UsageError("--rotation must be longer than 0s");
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
  options.add("min-mirrors", settings.policy.min_mirrors, 1, kMostMirrors,
              "Tiers are added until an answer has as many mirrors");
  options.add("max-mirrors", settings.policy.max_mirrors, 1, kMostMirrors,
              "An answer has at most as many mirrors");
  options.add("rotation", settings.policy.rotation,
              "How long a client keeps its order of equally good mirrors");
  options.add("order", settings.order, "ORDER",
              "Mirrors of the client's country and continent: \"distance\" puts those within 500, "
              "1,000 and 2,500 km first where the client's city is known, \"weight\" goes by "
              "bandwidth alone");
  options.add("compat", settings.compat, "SYSTEM",
              "\"mirrormanager\": as MirrorManager, at least 5 mirrors, no maximum, and the "
              "client's continent always added; \"none\": as documented");
  options.add("log-level", settings.log_level, "LEVEL",
              "Least level to log: debug, info, warning, error");
  options.add_check([&options, &settings] { check(options, settings); });
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
