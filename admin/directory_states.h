// What a crawler found out about the directories of one host, as text. The format and what becomes
// of a line: proto/DIRECTORY_STATES.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "admin/importing.h"
#include "common/base/parsed.h"
#include "common/catalog/writer.h"

namespace mirrorway::admin {

inline constexpr std::size_t kMaxStatesFileBytes = 256 << 20;

struct StateLine {
  std::string_view path;  // as it is written, into the line
  bool is_up_to_date = false;
};

// A line without its end, which is neither empty nor a comment.
base::Parsed<StateLine> parse_state_line(std::string_view line);

struct StatesReport {
  std::vector<LineNote> refused;
  std::size_t read = 0;     // lines that state something
  std::size_t changed = 0;  // of those that were not refused

  std::size_t kept() const { return read - refused.size(); }
};

// Writes what differs from the catalog but does not commit.
StatesReport import_states(catalog::CatalogWriter& writer, catalog::HostId host,
                           std::string_view text);

}  // namespace mirrorway::admin
