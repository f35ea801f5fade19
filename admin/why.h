// `mirror_admin why`: the answer that a client would get, and why each host is in it or not; from a
// snapshot, without any daemon.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/options.h"
#include "common/selection/policy_options.h"

namespace mirrorway::admin {

class WhyCommand {
 public:
  struct Settings {
    std::string snapshot = "/var/lib/mirrorway/mirrorlist.snapshot";
    std::vector<std::string> geoip;  // see geo::declare_geoip
    selection::PolicySettings policy;
    std::string address;
    std::vector<std::string> question;  // "repo=os", "arch=x86_64", "country=de", … as in a URL
    bool is_json = false;
    bool names_private = false;  // of the hosts left out
  };

  // Declares it, and the options that it needs. This must outlive the parsing.
  explicit WhyCommand(base::Options& options);

  // Prints to stdout. Returns the exit status, 1 when there is no such repository or directory;
  // nullopt when it was not given. Throws base::Error.
  std::optional<int> run() const;

 private:
  CLI::App* command_;
  Settings settings_;
};

}  // namespace mirrorway::admin
