// Shares as people write them.
#pragma once

#include <string_view>

#include "common/base/parsed.h"

namespace mirrorway::base {

// "20%" is 0.2; from 0% to 100%, with decimals if need be ("2.5%").
Parsed<double> parse_percent(std::string_view text);

}  // namespace mirrorway::base
