#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "cache_builder/diff.h"
#include "common/base/text.h"

namespace mirrorway::cache_builder {
namespace {

using nlohmann::ordered_json;

// How much of a long list is shown to people.
struct Bounds {
  std::size_t changes;   // of one kind in a group
  std::size_t subjects;  // of a change
  std::size_t items;     // of a detail
};
constexpr Bounds kSomeBounds{10, 10, 10};
constexpr Bounds kNoBounds{SIZE_MAX, SIZE_MAX, SIZE_MAX};

std::string format_change(const Change& change, const Bounds& bounds) {
  std::string text =
      fmt::format("  {}: {}", change.kind, base::join_some(change.subjects, bounds.subjects, ", "));
  std::string_view separator = ": ";
  for (const Detail& detail : change.details) {
    text.append(separator).append(detail.text);
    if (!detail.items.empty())
      text.append(" ").append(base::join_some(detail.items, bounds.items, ", "));
    separator = "; ";
  }
  return text + '\n';
}

// Changes of one kind stand together.
void append_changes(const std::vector<Change>& changes, const Bounds& bounds, std::string& text) {
  for (auto first = changes.begin(); first != changes.end();) {
    const auto end = std::find_if(first, changes.end(),
                                  [&](const Change& change) { return change.kind != first->kind; });
    const auto count = static_cast<std::size_t>(end - first);
    const std::size_t shown = std::min(bounds.changes, count);
    for (std::size_t i = 0; i < shown; ++i)
      text += format_change(*(first + static_cast<std::ptrdiff_t>(i)), bounds);
    if (shown < count)
      text += fmt::format("  {}: {} further changes\n", first->kind, count - shown);
    first = end;
  }
}

}  // namespace

std::string format_difference(const Difference& difference, Extent extent) {
  const Bounds& bounds = extent == Extent::kAll ? kNoBounds : kSomeBounds;
  std::string text = fmt::format("catalog generation {} to {}\n", difference.generation_before,
                                 difference.generation_after);
  bool has_words = false;
  for (const Group& group : difference.groups) {
    if (group.changes.empty()) continue;
    has_words = true;
    text += fmt::format("{}: {}\n", group.name,
                        group.before == group.after
                            ? fmt::format("{} as before", group.before)
                            : fmt::format("{} to {}", group.before, group.after));
    append_changes(group.changes, bounds, text);
  }
  if (!difference.is_any) text += "nothing else changed\n";
  if (difference.is_any && !has_words) text += "they differ in what has no words here\n";
  return text;
}

std::string format_difference_as_json(const Difference& difference) {
  ordered_json json{
      {"catalog_generation", {difference.generation_before, difference.generation_after}},
      {"differs", difference.is_any}};
  for (const Group& group : difference.groups) {
    ordered_json changes = ordered_json::array();
    for (const Change& change : group.changes) {
      ordered_json details = ordered_json::array();
      for (const Detail& detail : change.details)
        details.push_back({{"text", detail.text}, {"items", detail.items}});
      changes.push_back(
          {{"kind", change.kind}, {"subjects", change.subjects}, {"details", std::move(details)}});
    }
    json[group.name] = {
        {"before", group.before}, {"after", group.after}, {"changes", std::move(changes)}};
  }
  constexpr int kIndent = 1;
  return json.dump(kIndent, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace mirrorway::cache_builder
