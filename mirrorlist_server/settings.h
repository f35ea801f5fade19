// What an operator can set; the table [mirrorlist_server] of the configuration file.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/options.h"
#include "common/daemon/log_options.h"
#include "common/selection/policy_options.h"
#include "mirrorlist_server/sandbox.h"

namespace mirrorway::mirrorlist_server {

struct Settings {
  std::string snapshot = "/var/lib/mirrorway/mirrorlist.snapshot";
  std::vector<std::string> geoip{"/var/lib/mirrorway/geoip.mmdb"};  // see geo::declare_geoip
  std::string socket = "/run/mirrorway/mirrorlist_server.sock";
  std::string socket_mode = "0660";
  std::string socket_group;
  std::string user;
  std::string group;
  std::string sandbox = "seccomp";
  std::uint32_t max_children = 256;
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(5);
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(1);
  std::chrono::milliseconds load_timeout = std::chrono::minutes(2);
  selection::PolicySettings policy;
  daemon::LogSettings log;
  std::string to_verify;  // a file; not empty: nothing is served
};

// Declares every option, and the checks that need more than one of them.
void declare(base::Options& options, Settings& settings);

// Throw base::UsageError that names the option and the word.
mode_t socket_mode(const Settings& settings);
std::optional<gid_t> socket_group(const Settings& settings);  // nullopt: none is named
SandboxKind sandbox_kind(const Settings& settings);

}  // namespace mirrorway::mirrorlist_server
