#include "mirrorlist_server/settings.h"

#include <charconv>

#include <CLI/CLI.hpp>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/daemon/privileges.h"
#include "common/geo/geoip_option.h"

namespace mirrorway::mirrorlist_server {
namespace {

void check(const Settings& settings) {
  if (settings.geoip.empty() && settings.to_verify.empty())
    throw base::UsageError(
        "--geoip is needed: name a .mmdb file, or \"none\" to run without geolocation");
  if (settings.idle_timeout > std::chrono::hours(24))
    throw base::UsageError("--idle-timeout may be 24h at most");
  if (settings.answer_timeout > std::chrono::hours(1))
    throw base::UsageError("--answer-timeout may be 1h at most");
  if (settings.load_timeout > std::chrono::hours(1))
    throw base::UsageError("--load-timeout may be 1h at most");
  socket_mode(settings);
  socket_group(settings);
  sandbox_kind(settings);
}

}  // namespace

void declare(base::Options& options, Settings& settings) {
  constexpr std::uint32_t kMostChildren = 10'000;
  options.add("snapshot", settings.snapshot, "FILE", "Snapshot to answer from");
  geo::declare_geoip(options, settings.geoip);
  options.add("socket", settings.socket, "PATH", "Unix socket to listen on");
  options.add("socket-mode", settings.socket_mode, "MODE",
              "Who may connect to the socket, as chmod writes it");
  options.add("socket-group", settings.socket_group, "GROUP",
              "Group of the socket; by default that of --user");
  daemon::declare_identity(options, settings.user, settings.group);
  options.add("sandbox", settings.sandbox, "seccomp|none",
              "What holds the processes that read requests: \"seccomp\", or \"none\" on systems "
              "that do not let it");
  options.add("max-children", settings.max_children, 1, kMostChildren,
              "Connections served at once; further ones wait");
  options.add("idle-timeout", settings.idle_timeout,
              "A connection without a request for as long is closed; 0s: never");
  options.add("answer-timeout", settings.answer_timeout,
              "A process that takes more processor time than this over one answer is ended, at the "
              "latest after twice the time; 0s: never");
  options.add(
      "load-timeout", settings.load_timeout,
      "A snapshot that cannot be loaded in this time, because the disk hangs for example, is "
      "refused; 0s: never");
  declare_policy(options, settings.policy);
  daemon::declare_log(options, settings.log);
  options.app()
      .add_option("--verify", settings.to_verify,
                  "Say which snapshot FILE is, or why it would be refused, then exit")
      ->type_name("FILE");
  options.add_check([&settings] { check(settings); });
  options.add_section(
      "Signals",
      "  HUP        load snapshot and geolocation files again\n"
      "  USR2       start the program anew with the socket, and end when it is ready\n"
      "  TERM, INT  finish the requests under way, then exit");
  options.add_section(
      "Examples",
      "  mirrorlist_server --snapshot mirrorlist.snapshot \\\n"
      "      --geoip GeoLite2-City.mmdb --geoip GeoLite2-ASN.mmdb --socket ml.sock");
}

mode_t socket_mode(const Settings& settings) {
  constexpr mode_t kMost = 0777;
  constexpr int kOctal = 8;
  const std::string& text = settings.socket_mode;
  unsigned mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, kOctal);
  if (error != std::errc() || end != text.data() + text.size() || mode > kMost)
    throw base::UsageError("--socket-mode: \"{}\" is no mode such as 0660",
                           base::printable(text, 40));
  return mode;
}

std::optional<gid_t> socket_group(const Settings& settings) {
  if (settings.socket_group.empty()) return std::nullopt;
  return daemon::find_group("--socket-group", settings.socket_group);
}

SandboxKind sandbox_kind(const Settings& settings) {
  if (settings.sandbox == "seccomp") return SandboxKind::kSeccomp;
  if (settings.sandbox == "none") return SandboxKind::kNone;
  throw base::UsageError("--sandbox: there are seccomp and none, not \"{}\"",
                         base::printable(settings.sandbox, 40));
}

}  // namespace mirrorway::mirrorlist_server
