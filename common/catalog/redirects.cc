#include "common/catalog/redirects.h"

#include <fmt/format.h>

#include <string_view>
#include <unordered_map>
#include <vector>

namespace mirrorway::catalog {

std::optional<std::string> find_redirect_problem(std::span<const Redirect> redirects) {
  std::unordered_map<std::string_view, std::string_view> next;
  for (const Redirect& redirect : redirects) next.emplace(redirect.from, redirect.to);
  for (const Redirect& redirect : redirects) {
    std::vector<std::string_view> chain{redirect.from};
    for (auto at = next.find(redirect.from); at != next.end(); at = next.find(at->second)) {
      chain.push_back(at->second);
      const bool is_loop = at->second == redirect.from;
      if (is_loop || chain.size() > kMaxRedirectDepth + 1)
        return fmt::format("repository redirects {}: {}",
                           is_loop ? std::string("run in a loop")
                                   : fmt::format("are more than {} deep", kMaxRedirectDepth),
                           fmt::join(chain, " → "));
    }
  }
  return std::nullopt;
}

}  // namespace mirrorway::catalog
