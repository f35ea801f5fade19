#include "common/base/remarks.h"

#include <algorithm>

#include "common/base/text.h"

namespace mirrorway::base {

std::string shown(std::string_view text) {
  constexpr std::size_t kExampleBytes = 80;
  return printable(text, kExampleBytes);
}

std::size_t Remarks::count(std::string_view kind) const {
  for (const Entry& entry : entries_)
    if (entry.kind == kind) return entry.count;
  return 0;
}

Remarks::Entry& Remarks::entry_of(std::string_view kind) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.kind == kind; });
  if (found != entries_.end()) return *found;
  return entries_.emplace_back(Entry{kind, 0, {}});
}

std::vector<std::string> Remarks::lines() const {
  std::vector<std::string> lines;
  for (const Entry& entry : entries_)
    lines.push_back(
        fmt::format("{} {}{}{}{}", entry.count, entry.kind, entry.examples.empty() ? "" : ": ",
                    fmt::join(entry.examples, "; "),
                    entry.examples.empty() || entry.count == entry.examples.size() ? "" : "; …"));
  return lines;
}

}  // namespace mirrorway::base
