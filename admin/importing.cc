#include "admin/importing.h"

#include <fmt/format.h>

#include <iostream>

#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::admin {

void print_notes(const std::string& file, std::string_view what,
                 const std::vector<LineNote>& notes) {
  for (const LineNote& note : notes)
    std::cerr << fmt::format("{}:{}: {}: {}\n", file, note.line, what, note.text);
}

std::string Tally::describe(std::string_view what) const {
  std::string others;
  if (kept > 0) others += fmt::format("; {} more are kept though no longer listed", kept);
  if (removed > 0) others += fmt::format("; {} no longer listed are removed", removed);
  return fmt::format("  {:<13} {:>6}  {} new, {} updated, {} unchanged{}\n", what, named(), added,
                     updated, unchanged, others);
}

std::string describe_names(std::string_view what, const std::vector<std::string>& names) {
  constexpr std::size_t kMaxListed = 50;
  if (names.empty()) return {};
  return fmt::format("{} {}: {}\n", names.size(), what, base::join_some(names, kMaxListed, ", "));
}

void require_all_lines(const std::vector<LineNote>& refused) {
  if (!refused.empty()) throw base::Error("nothing was imported: --strict, and lines were refused");
}

void finish_import(catalog::CatalogWriter& writer, bool is_dry_run) {
  if (is_dry_run) {
    writer.check();
    std::cout << "dry run: nothing was changed\n";
  } else {
    writer.commit();
  }
}

}  // namespace mirrorway::admin
