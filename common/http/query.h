// The query of a request target.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/parsed.h"

namespace mirrorway::http {

// The decoded values of the parameters that the caller knows, in the order of `known`; nullopt for
// those not given. `query` is what follows the first '?'. A parameter without '=' has an empty
// value.
//
// '+' stays a plus sign, as in MirrorManager: package and repository names contain it
// ("libstdc++"), and clients send it as it is. Refused, naming the parameter: one that is given
// twice, a '%' without two hexadecimal digits, control characters, what is no UTF-8. Parameters
// that are not known (countme, infra, …) are ignored whatever they hold. Linear in the query, whose
// length is the caller's to bound.
base::Parsed<std::vector<std::optional<std::string>>> parse_query(
    std::string_view query, std::span<const std::string_view> known);

}  // namespace mirrorway::http
