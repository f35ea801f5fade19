#include "cache_builder/mirrormanager/redirects.h"

#include <set>
#include <vector>

#include "cache_builder/mirrormanager/remarks.h"
#include "common/base/remarks.h"
#include "common/base/text.h"
#include "common/snapshot/limits.h"

namespace mirrorway::cache_builder {
namespace {

// Every redirect that a walk from some name comes back to.
std::vector<std::string> find_looping(const Redirects& redirects) {
  std::vector<std::string> looping;
  std::set<std::string> done;
  for (const auto& [start, ignored] : redirects) {
    std::set<std::string> walk;
    auto at = redirects.find(start);
    while (at != redirects.end() && done.count(at->first) == 0 && walk.insert(at->first).second)
      at = redirects.find(at->second);
    const bool is_loop = at != redirects.end() && walk.count(at->first) != 0;
    if (is_loop) {
      const std::string& first = at->first;
      do {
        looping.push_back(at->first);
        at = redirects.find(at->second);
      } while (at->first != first);
    }
    done.merge(walk);
  }
  return looping;
}

bool is_too_deep(const Redirects& redirects, const std::string& start) {
  std::size_t depth = 0;
  for (auto at = redirects.find(start); at != redirects.end(); at = redirects.find(at->second))
    if (++depth > snapshot::kMaxRedirects) return true;
  return false;
}

}  // namespace

Redirects good_redirects(Redirects redirects, base::Remarks& remarks) {
  const auto leave_out = [&](const std::string& from) {
    remarks.add(remark::kRedirectChain, "{} to {}", base::printable(from, 80),
                base::printable(redirects.at(from), 80));
  };
  for (const std::string& from : find_looping(redirects)) {
    leave_out(from);
    redirects.erase(from);
  }
  Redirects good;
  for (const auto& [from, to] : redirects) {
    if (is_too_deep(redirects, from))
      leave_out(from);
    else
      good.emplace(from, to);
  }
  return good;
}

}  // namespace mirrorway::cache_builder
