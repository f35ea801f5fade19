// What all imports have in common: rows that may be in the catalog already, words about lines, the
// end.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/catalog/writer.h"

namespace mirrorway::admin {

struct LineNote {
  std::size_t line;  // from 1
  std::string text;
};

// "FILE:LINE: WHAT: TEXT" lines on stderr.
void print_notes(const std::string& file, std::string_view what,
                 const std::vector<LineNote>& notes);

struct Tally {
  std::size_t added = 0;
  std::size_t updated = 0;
  std::size_t unchanged = 0;
  std::size_t kept = 0;     // in the catalog, no longer in what is imported
  std::size_t removed = 0;  // as it is no longer in what is imported

  std::size_t named() const { return added + updated + unchanged; }
  // A line for a person, with its end.
  std::string describe(std::string_view what) const;
};

// "N WHAT: NAME, NAME, …" for a summary, with its end; nothing when there are none.
std::string describe_names(std::string_view what, const std::vector<std::string>& names);

// Inserts what is new, updates what differs, and counts both. `existing` may be null.
template <typename Row>
void settle(catalog::CatalogWriter& writer, const Row* existing, Row& wanted, Tally& tally) {
  if (existing == nullptr) {
    wanted.id = writer.insert(wanted);
    ++tally.added;
  } else if (*existing == wanted) {
    ++tally.unchanged;
  } else {
    writer.update(wanted);
    ++tally.updated;
  }
}

// What --strict does: throws base::Error when a line was refused.
void require_all_lines(const std::vector<LineNote>& refused);

// Commits; a dry run only checks, and says so on stdout.
void finish_import(catalog::CatalogWriter& writer, bool is_dry_run);

}  // namespace mirrorway::admin
