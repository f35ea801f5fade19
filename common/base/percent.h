// Shares as people write them.
#pragma once

#include <string>
#include <string_view>

#include "common/base/parsed.h"

namespace mirrorway::base {

// "20%" is a share of 0.2.
struct Share {
  double value = 0;  // from 0 to 1
};

// From 0% to 100%, with decimals if need be ("2.5%").
Parsed<Share> parse_percent(std::string_view text);
std::string format_percent(Share share);

}  // namespace mirrorway::base
