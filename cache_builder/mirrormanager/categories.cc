#include "cache_builder/mirrormanager/categories.h"

#include <algorithm>
#include <set>

#include "cache_builder/host_sets.h"
#include "cache_builder/mirrormanager/remarks.h"
#include "common/base/remarks.h"
#include "common/base/text.h"
#include "common/snapshot/limits.h"

namespace mirrorway::cache_builder {
namespace {

class Planner {
 public:
  Planner(const SeenDirectories& seen, base::Remarks& remarks)
      : seen_(seen), remarks_(remarks), of_top_(seen.tops.size()) {}

  CategoryPlan run() {
    plan_.of_directory.reserve(seen_.directories.size());
    for (const SeenDirectory& directory : seen_.directories) {
      find_carriers(directory);
      plan_.of_directory.push_back(category_of(directory));
    }
    return std::move(plan_);
  }

 private:
  using Lists = std::vector<UrlListNumber>;

  void find_carriers(const SeenDirectory& directory) {
    const Lists& lists = seen_.tops[directory.top].lists;
    carriers_.clear();
    exceptions_ = directory.exceptions;
    std::sort(exceptions_.begin(), exceptions_.end());
    auto next = exceptions_.begin();
    for (const std::size_t host : hosts_in(seen_.host_sets[directory.host_set])) {
      const auto number = static_cast<HostNumber>(host);
      const bool is_exception = next != exceptions_.end() && next->first == number;
      carriers_.emplace_back(number, is_exception ? (next++)->second : lists[number]);
    }
  }

  bool agrees(const PlannedCategory& category) const {
    return std::all_of(carriers_.begin(), carriers_.end(), [&](const auto& carrier) {
      const UrlListNumber list = category.lists[carrier.first];
      return list == kNoUrls || list == carrier.second;
    });
  }

  std::optional<std::uint32_t> category_of(const SeenDirectory& directory) {
    auto& candidates = of_top_[directory.top];
    auto found = std::find_if(candidates.begin(), candidates.end(),
                              [&](std::uint32_t index) { return agrees(plan_.categories[index]); });
    if (found == candidates.end()) {
      if (plan_.categories.size() == snapshot::kMaxCategories) {
        remarks_.add(remark::kTooManyCategories, "{}", directory.path);
        return std::nullopt;
      }
      candidates.push_back(open_category(seen_.tops[directory.top].path));
      found = std::prev(candidates.end());
    }
    for (const auto& [host, list] : carriers_) plan_.categories[*found].lists[host] = list;
    return *found;
  }

  std::uint32_t open_category(const std::string& top) {
    std::string stem = top.empty() ? "/" : top;
    constexpr std::size_t kRoomForNumber = 8;
    if (stem.size() > snapshot::kMaxNameBytes - kRoomForNumber)
      stem.resize(snapshot::kMaxNameBytes - kRoomForNumber);
    while (!base::is_utf8(stem)) stem.pop_back();
    std::string name = stem;
    for (int i = 2; !names_.insert(name).second; ++i) name = fmt::format("{} {}", stem, i);
    plan_.categories.push_back({name, top, Lists(seen_.hosts.size(), kNoUrls)});
    return static_cast<std::uint32_t>(plan_.categories.size() - 1);
  }

  const SeenDirectories& seen_;
  base::Remarks& remarks_;
  CategoryPlan plan_;
  std::vector<std::vector<std::uint32_t>> of_top_;  // categories, by top
  std::set<std::string> names_;
  // Of the directory under work:
  std::vector<std::pair<HostNumber, UrlListNumber>> carriers_;
  std::vector<std::pair<HostNumber, UrlListNumber>> exceptions_;
};

}  // namespace

CategoryPlan plan_categories(const SeenDirectories& seen, base::Remarks& remarks) {
  return Planner(seen, remarks).run();
}

}  // namespace mirrorway::cache_builder
