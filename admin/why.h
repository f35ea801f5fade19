// `mirror_admin why`: the answer that a client would get, and why each host is in it or not; from a
// snapshot, without any daemon.
#pragma once

#include <string>
#include <vector>

#include "common/selection/select.h"

namespace mirrorway::admin {

struct WhySettings {
  std::string snapshot = "/var/lib/mirrorway/mirrorlist.snapshot";
  std::vector<std::string> geoip;  // files
  std::string address;
  std::vector<std::string> question;  // "repo=os", "arch=x86_64", "country=de", … as in a URL
  bool is_json = false;
  bool names_private = false;  // of the hosts left out
};

// Prints to stdout. Returns the exit status: 1 when there is no such repository or directory.
// Throws base::Error.
int run_why(const WhySettings& settings, const selection::Policy& policy);

}  // namespace mirrorway::admin
