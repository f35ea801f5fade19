// Repository redirects as a whole.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "common/catalog/records.h"

namespace mirrorway::catalog {

// One line that names a loop or a chain deeper than kMaxRedirectDepth; nullopt when there is none.
std::optional<std::string> find_redirect_problem(std::span<const Redirect> redirects);

}  // namespace mirrorway::catalog
