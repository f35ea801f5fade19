// The query of a request target.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/parsed.h"

namespace mirrorway::http {

struct Query {
  // Decoded, in the order of `known`; nullopt for those not given, or not to be read.
  std::vector<std::optional<std::string>> values;
  // The first thing that is wrong with it. The values then still say how the error should look.
  std::optional<base::Refusal> problem;
};

// The parameters that the caller knows. `query` is what follows the first '?'. A parameter without
// '=' has an empty value.
//
// '+' stays a plus sign, as in MirrorManager: package and repository names contain it
// ("libstdc++"), and clients send it as it is. Refused, naming the parameter: one that is given
// twice, a '%' without two hexadecimal digits, control characters, what is no UTF-8. Parameters
// that are not known (countme, infra, …) are ignored whatever they hold. Linear in the query, whose
// length is the caller's to bound.
Query parse_query(std::string_view query, std::span<const std::string_view> known);

}  // namespace mirrorway::http
