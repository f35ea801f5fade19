// What an operator can set; the table [mirrorlist_client] of the configuration file.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/options.h"
#include "common/daemon/log_options.h"
#include "common/net/address.h"
#include "mirrorlist_client/exporter.h"
#include "mirrorlist_client/front_end.h"
#include "mirrorlist_client/listen_address.h"

namespace mirrorway::mirrorlist_client {

struct Settings {
  std::vector<std::string> listen{"127.0.0.1:8080"};
  std::string server_socket = "/run/mirrorway/mirrorlist_server.sock";
  std::vector<std::string> trusted_proxies;
  std::vector<std::string> files{"/pub/"};
  std::vector<std::string> aliases;
  std::string access_log;
  std::string access_log_format = "mirrormanager";
  bool shorten_addresses = false;
  std::uint32_t workers = 1;
  std::uint32_t connections = 2;
  std::uint32_t max_connections = 4096;
  std::uint32_t requests_per_prefix = 100;
  std::uint32_t burst_per_prefix = 1000;
  std::chrono::milliseconds lookup_timeout = std::chrono::seconds(1);
  std::chrono::milliseconds request_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(75);
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);
  std::string metrics_listen = "127.0.0.1:9393";
  std::chrono::milliseconds max_snapshot_age{0};
  std::string user;
  std::string group;
  daemon::LogSettings log;
};

// Declares every option, and the checks of what they hold.
void declare(base::Options& options, Settings& settings);

// Throw base::UsageError that names the option and the word.
std::vector<ListenAddress> listen_addresses(const Settings& settings);
FrontEnd::Settings front_end_settings(const Settings& settings);
// nullopt: no metrics are wanted.
std::optional<ExporterSettings> exporter_settings(const Settings& settings);
// What all workers share; null when there is no limit. Throws base::IoError.
std::unique_ptr<RequestLimit> make_request_limit(const Settings& settings);

}  // namespace mirrorway::mirrorlist_client
