#include "mirrorlist_client/settings.h"

#include <sys/random.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/daemon/privileges.h"
#include "common/net/path.h"

namespace mirrorway::mirrorlist_client {
namespace {

constexpr std::string_view kNone = "none";

// One option may hold several netblocks: --trusted-proxies 127.0.0.0/8,::1
std::vector<net::Prefix> trusted_proxies(const Settings& settings) {
  std::vector<net::Prefix> prefixes;
  for (const std::string& words : settings.trusted_proxies) {
    for (const std::string_view word : base::split(words, ',')) {
      const auto prefix = net::Prefix::parse(base::trim(word));
      if (!prefix) throw base::UsageError("--trusted-proxies: {}", prefix.reason());
      prefixes.push_back(*prefix);
    }
  }
  return prefixes;
}

// A prefix such as /pub/, or / for everything that is not a list.
std::string file_prefix(const std::string& word) {
  const auto path = net::parse_path(word);
  if (!path) throw base::UsageError("--files: {}", path.reason());
  if (!word.starts_with('/'))
    throw base::UsageError("--files: \"{}\" does not start with a slash", base::printable(word));
  return path->empty() ? "/" : '/' + *path + '/';
}

http::Routes routes(const Settings& settings) {
  http::Routes routes;
  for (const std::string& word : settings.files)
    if (word != kNone) routes.file_prefixes.push_back(file_prefix(word));
  for (const std::string& word : settings.aliases) {
    auto alias = http::Alias::parse(word, http::parameter_names());
    if (!alias) throw base::UsageError("--aliases: {}", alias.reason());
    routes.aliases.push_back(*std::move(alias));
  }
  return routes;
}

AccessLog::Settings access_log(const Settings& settings) {
  const auto format = parse_access_format(settings.access_log_format);
  if (!format) throw base::UsageError("--access-log-format: {}", format.reason());
  return {settings.access_log, *format, settings.shorten_addresses};
}

void check_timeout(std::string_view name, std::chrono::milliseconds value) {
  if (value.count() == 0 || value > std::chrono::hours(24))
    throw base::UsageError("--{} must be more than 0s and at most 24h", name);
}

// Where passed sockets take the place of --listen, nobody has set that.
void check_metrics_address(const base::Options& options, const Settings& settings) {
  const auto exporter = exporter_settings(settings);
  const auto addresses = listen_addresses(settings);
  if (exporter && exporter->listen.port != 0 && options.is_set("listen") &&
      std::find(addresses.begin(), addresses.end(), exporter->listen) != addresses.end())
    throw base::UsageError("--metrics-listen {} is where --listen accepts requests",
                           settings.metrics_listen);
}

void check(const base::Options& options, const Settings& settings) {
  front_end_settings(settings);
  check_metrics_address(options, settings);
  check_timeout("lookup-timeout", settings.lookup_timeout);
  check_timeout("request-timeout", settings.request_timeout);
  check_timeout("idle-timeout", settings.idle_timeout);
  check_timeout("write-timeout", settings.write_timeout);
  if (settings.server_socket.size() >= sizeof(sockaddr_un::sun_path))
    throw base::UsageError("--server-socket: a path may have {} bytes",
                           sizeof(sockaddr_un::sun_path) - 1);
}

void declare_requests(base::Options& options, Settings& settings) {
  options.add("listen", settings.listen, "ADDRESS:PORT",
              "Where to accept HTTP; an IPv6 address in brackets; may be given several times");
  options.add("server-socket", settings.server_socket, "PATH", "Unix socket of mirrorlist_server");
  options.add("trusted-proxies", settings.trusted_proxies, "CIDR,…",
              "Peers whose X-Forwarded-For is believed; nobody by default, so a local nginx or "
              "Apache needs 127.0.0.0/8,::1");
  options.add("files", settings.files, "PREFIX",
              "Below this path are files and directories by their own names: /pub/ redirects "
              "/pub/linux/a.iso to a mirror of pub/linux/a.iso; may be given several times; "
              "\"none\" switches it off");
  options.add("aliases", settings.aliases, "PATTERN=PARAMETERS",
              "Another form of URLs for a question, for example "
              "/mirrorlist/{version}/{repo}=repo={repo}-{version}; may be given several times. "
              "Without arch the answer leaves $basearch to the client");
}

void declare_access_log(base::Options& options, Settings& settings) {
  options.add("access-log", settings.access_log, "FILE",
              "Append a line for every answer; none by default. Answers never wait for the file: "
              "what it does not take is dropped");
  options.add("access-log-format", settings.access_log_format, "json|combined|mirrormanager",
              "How the lines look: json (one object each), combined (as web servers write it) or "
              "mirrormanager (IP; DATE; COUNTRY; REPO; ARCH, for every list that was answered)");
  options.add("shorten-addresses", settings.shorten_addresses,
              "Write client addresses to the access log as their networks, /24 and /48. What "
              "clients write into their requests stays, such as ip=");
}

void declare_limits(base::Options& options, Settings& settings) {
  constexpr std::uint32_t kMostWorkers = 256;
  constexpr std::uint32_t kMostLinks = 64;
  constexpr std::uint32_t kMostConnections = 1'000'000;
  daemon::declare_identity(options, settings.user, settings.group);
  options.add("workers", settings.workers, 1, kMostWorkers, "Processes, one event loop each");
  options.add("connections", settings.connections, 1, kMostLinks,
              "Connections to mirrorlist_server per worker; each has a process there");
  options.add(
      "max-connections", settings.max_connections, 1, kMostConnections,
      "HTTP connections per worker; further ones wait until the most idle ones have made way");
  options.add("limit-requests-per-prefix", settings.requests_per_prefix, 0,
              RequestLimit::kMostPerSecond,
              "Requests a second from one IPv4 /24 or IPv6 /48, all workers together; further ones "
              "are answered with 429; 0: no limit. Trusted proxies and this machine have none");
  options.add("limit-burst-per-prefix", settings.burst_per_prefix, 1, RequestLimit::kMostBurst,
              "Requests that such a network may send at once after a pause");
  options.add("lookup-timeout", settings.lookup_timeout,
              "Longest wait for mirrorlist_server, with connecting and asking again; then 503");
  options.add("request-timeout", settings.request_timeout,
              "Longest wait for the rest of a request's head");
  options.add("idle-timeout", settings.idle_timeout, "A connection without a request is closed");
  options.add("write-timeout", settings.write_timeout,
              "Longest wait for a client to take its answer");
}

void declare_observation(base::Options& options, Settings& settings) {
  options.add("metrics-listen", settings.metrics_listen, "ADDRESS:PORT",
              "Where to answer /metrics, /health/live and /health/ready; \"none\" switches it off");
  options.add("max-snapshot-age", settings.max_snapshot_age,
              "/health/ready fails when the snapshot was written longer ago; 0s: any age will do");
  daemon::declare_log(options, settings.log);
}

}  // namespace

std::vector<ListenAddress> listen_addresses(const Settings& settings) {
  std::vector<ListenAddress> addresses;
  for (const std::string& word : settings.listen) {
    const auto address = parse_listen_address(word);
    if (!address) throw base::UsageError("--listen: {}", address.reason());
    addresses.push_back(*address);
  }
  if (addresses.empty()) throw base::UsageError("--listen: at least one address is needed");
  return addresses;
}

FrontEnd::Settings front_end_settings(const Settings& settings) {
  return {{settings.max_connections,
           {settings.request_timeout, settings.idle_timeout, settings.write_timeout}},
          {settings.server_socket, settings.connections, settings.lookup_timeout},
          trusted_proxies(settings),
          routes(settings),
          access_log(settings),
          nullptr};
}

std::unique_ptr<RequestLimit> make_request_limit(const Settings& settings) {
  if (settings.requests_per_prefix == 0) return nullptr;
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != sizeof seed)
    throw base::IoError(errno, "drawing a random number");
  return std::make_unique<RequestLimit>(
      RequestLimit::Settings{settings.requests_per_prefix, settings.burst_per_prefix}, seed,
      Clock::now());
}

std::optional<ExporterSettings> exporter_settings(const Settings& settings) {
  if (settings.metrics_listen == kNone) return std::nullopt;
  const auto address = parse_listen_address(settings.metrics_listen);
  if (!address) throw base::UsageError("--metrics-listen: {}", address.reason());
  return ExporterSettings{
      *address,
      {settings.server_socket, 1, settings.lookup_timeout},
      std::chrono::duration_cast<std::chrono::seconds>(settings.max_snapshot_age)};
}

void declare(base::Options& options, Settings& settings) {
  declare_requests(options, settings);
  declare_access_log(options, settings);
  declare_limits(options, settings);
  declare_observation(options, settings);
  options.add_check([&options, &settings] { check(options, settings); });
  options.add_section("Signals",
                      "  TERM, INT  finish the requests under way, then exit\n"
                      "  USR1       open the access log anew, after logrotate has moved it\n"
                      "  USR2       start the program anew and hand over to it when it serves");
  options.add_section("Examples",
                      "  mirrorlist_client --listen 127.0.0.1:8080 --listen '[::1]:8080' \\\n"
                      "      --server-socket ml.sock --trusted-proxies 127.0.0.0/8,::1");
}

}  // namespace mirrorway::mirrorlist_client
