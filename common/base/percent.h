// Shares as people write them.
#pragma once

#include <cstddef>
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

// Whether more than that share of `before` is gone in `after`; exactly the share is not more,
// though no double may be it.
bool loses_more_than(Share share, std::size_t before, std::size_t after);

}  // namespace mirrorway::base
