// Lists of URL ids as lists of URLs, each list once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/remarks.h"

namespace mirrorway::cache_builder {

class UrlLists {
 public:
  using Urls = std::unordered_map<std::uint64_t, std::string>;  // by id

  UrlLists(const Urls& urls, base::Remarks& remarks) : urls_(urls), remarks_(remarks), lists_(1) {}

  // The number of the list of these URLs, best scheme first; 0 when there is none. Ids that differ
  // but mean the same URLs get the same number.
  std::uint32_t number_of(std::span<const std::uint64_t> ids);

  // By number.
  std::vector<std::vector<std::string>> take() { return std::move(lists_); }

 private:
  std::uint32_t add(std::span<const std::uint64_t> ids);

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  const Urls& urls_;
  base::Remarks& remarks_;
  std::vector<std::vector<std::string>> lists_;
  std::map<std::vector<std::string>, std::uint32_t> numbers_;
  // By the bytes of the ids: asked once for every host of every directory.
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> known_;
  std::set<std::uint64_t> missing_;
};

}  // namespace mirrorway::cache_builder
