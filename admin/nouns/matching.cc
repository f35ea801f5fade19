#include "admin/nouns/matching.h"

#include <algorithm>
#include <numeric>

#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::admin {
namespace {

template <typename Predicate>
std::vector<std::size_t> filter(const std::vector<std::size_t>& indexes, const Predicate& accepts) {
  std::vector<std::size_t> accepted;
  std::copy_if(indexes.begin(), indexes.end(), std::back_inserter(accepted), accepts);
  return accepted;
}

bool contains(const std::string& text, const std::string& lower_word) {
  return base::lower_ascii(text).find(lower_word) != std::string::npos;
}

}  // namespace

std::vector<std::size_t> match(const std::vector<std::size_t>& indexes, const TextsOf& texts_of,
                               std::string_view word) {
  auto exact = filter(indexes, [&](std::size_t index) {
    const auto texts = texts_of(index);
    return std::find(texts.begin(), texts.end(), word) != texts.end();
  });
  if (!exact.empty()) return exact;
  const std::string lower = base::lower_ascii(word);
  const bool is_qualified = word.find('/') != std::string_view::npos;
  return filter(indexes, [&](std::size_t index) {
    const auto texts = texts_of(index);
    return contains(is_qualified ? texts.back() : texts.front(), lower);
  });
}

std::vector<std::size_t> all_indexes(std::size_t count) {
  std::vector<std::size_t> indexes(count);
  std::iota(indexes.begin(), indexes.end(), std::size_t{0});
  return indexes;
}

std::size_t only_one(const std::vector<std::size_t>& indexes, const TextsOf& texts_of,
                     std::string_view what, std::string_view word) {
  if (indexes.size() == 1) return indexes.front();
  if (indexes.empty()) throw base::Error("no {} fits \"{}\"", what, base::printable(word));
  constexpr std::size_t kMaxListed = 10;
  std::string candidates;
  for (std::size_t i = 0; i < std::min(indexes.size(), kMaxListed); ++i)
    candidates += (i == 0 ? "" : ", ") + texts_of(indexes[i]).back();
  if (indexes.size() > kMaxListed)
    candidates += fmt::format(" and {} more", indexes.size() - kMaxListed);
  throw base::Error("\"{}\" fits more than one {}: {}", base::printable(word), what, candidates);
}

}  // namespace mirrorway::admin
