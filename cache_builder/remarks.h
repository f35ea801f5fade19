// What an import leaves out or changes, counted by kind, with a few examples of each.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace mirrorway::cache_builder {

// In the order in which they are told.
enum class Remark : std::uint8_t {
  kUrl,
  kUrlId,
  kTooManyUrls,
  kHostWithoutUrl,
  kSometimesPrivate,
  kCountry,
  kTwoCountries,
  kAllowedCountry,
  kAllowedNowhere,
  kAsn,
  kNetblock,
  kMaskedNetblock,
  kNetblockCountry,
  kContinent,
  kDirectory,
  kDirectoryTwice,
  kTooManyCategories,
  kFileDirectory,
  kFileName,
  kDigest,
  kRepository,
  kRepositoryDirectory,
  kDisabled,
  kRedirect,
  kRedirectChain,
  kCountryLine,
  kAsnLine,
};
inline constexpr std::size_t kRemarks = static_cast<std::size_t>(Remark::kAsnLine) + 1;

class Remarks {
 public:
  // The example is text from outside, so its parts must be printable; it is formatted only when
  // kept.
  template <typename... Args>
  void add(Remark kind, fmt::format_string<Args...> format, Args&&... args) {
    Entry& entry = entries_[static_cast<std::size_t>(kind)];
    if (++entry.count <= kExamples)
      entry.examples.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  std::size_t count(Remark kind) const { return entries_[static_cast<std::size_t>(kind)].count; }
  // A line for each kind there is, without a line end.
  std::vector<std::string> lines() const;

 private:
  static constexpr std::size_t kExamples = 3;

  struct Entry {
    std::size_t count = 0;
    std::vector<std::string> examples;
  };
  std::array<Entry, kRemarks> entries_;
};

}  // namespace mirrorway::cache_builder
