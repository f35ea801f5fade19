// The policy as an operator sets it, the same for the server and for tools that explain its
// answers.
#pragma once

#include <string>

#include "common/base/options.h"
#include "common/selection/select.h"

namespace mirrorway::selection {

// `policy` has everything once options.parse has returned.
struct PolicySettings {
  Policy policy;
  std::string order = "distance";
  std::string compat = "none";
};

// Declares min-mirrors, max-mirrors, rotation, order and compat, and their checks. Both outlive
// options.parse.
void declare_policy(base::Options& options, PolicySettings& settings);

}  // namespace mirrorway::selection
