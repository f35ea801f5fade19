// Small helpers for ASCII text. Nothing here depends on the locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/parsed.h"

namespace mirrorway::base {

std::string lower_ascii(std::string_view text);
std::string upper_ascii(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

// Without the white space (blank, tab, CR, LF) at either end.
std::string_view trim(std::string_view text);

// Always at least one part; parts may be empty. The views are into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

// The whole text must be decimal digits, no sign, and at most `max`.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t max);

// True for well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

// True for well-formed UTF-8 without control characters (C0, DEL, C1): fit for a line of text.
bool is_one_line(std::string_view text);

// Peer-supplied text made safe for one line of a log or a message: control characters, quotes,
// backslashes and bytes that are no UTF-8 become \xNN; cut to max_bytes with "…".
std::string printable(std::string_view text, std::size_t max_bytes = 200);

// A list for people: the first `most` with `separator` between them, then " and 12 more".
std::string join_some(const std::vector<std::string>& texts, std::size_t most,
                      std::string_view separator);

// Insertions, deletions and replacements that turn a into b, at most `limit` + 1 (then counting
// stops). Costs |a|·|b|; callers bound both.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

}  // namespace mirrorway::base
