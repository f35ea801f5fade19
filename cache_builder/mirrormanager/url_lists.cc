#include "cache_builder/mirrormanager/url_lists.h"

#include <algorithm>
#include <utility>

#include "cache_builder/mirrormanager/remarks.h"
#include "common/net/url.h"
#include "common/snapshot/limits.h"

namespace mirrorway::cache_builder {

std::uint32_t UrlLists::number_of(std::span<const std::uint64_t> ids) {
  const std::string_view key(reinterpret_cast<const char*>(ids.data()), ids.size_bytes());
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  return known_.emplace(key, add(ids)).first->second;
}

std::uint32_t UrlLists::add(std::span<const std::uint64_t> ids) {
  std::vector<std::string> list;
  for (const std::uint64_t id : ids) {
    const auto url = urls_.find(id);
    if (url != urls_.end())
      list.push_back(url->second);
    else if (missing_.insert(id).second)
      remarks_.add(remark::kUrlId, "{}", id);
  }
  if (list.empty()) return 0;
  net::sort_by_preference(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
  if (list.size() > snapshot::kMaxUrlsPerCarriage) {
    remarks_.add(remark::kTooManyUrls, "{} URLs with {}", list.size(), list.front());
    list.resize(snapshot::kMaxUrlsPerCarriage);
  }
  const auto [place, is_new] = numbers_.emplace(list, static_cast<std::uint32_t>(lists_.size()));
  if (is_new) lists_.push_back(std::move(list));
  return place->second;
}

}  // namespace mirrorway::cache_builder
