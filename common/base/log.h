// Diagnostics of the daemons: one line per event on stderr, a stable event text and then key=value
// fields, for example
//   2026-01-02T03:04:05.678Z warning mirrorlist_server[412]: snapshot refused path=/… reason="…"
// Under systemd (JOURNAL_STREAM is set) the time is left to the journal and the level is its
// prefix.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace mirrorway::base {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning" or "error"; anything else throws UsageError.
LogLevel parse_log_level(std::string_view text);

// Once, before the first line; again after fork, for the new process id. `program` is copied.
void start_log(std::string_view program, LogLevel least);

void log_line(LogLevel level, std::string_view event, std::string_view fields);

// A field whose value is put in quotes and escaped.
std::string quoted(std::string_view value);

template <typename... Args>
void log(LogLevel level, std::string_view event, fmt::format_string<Args...> fields,
         Args&&... args) {
  log_line(level, event, fmt::format(fields, std::forward<Args>(args)...));
}
inline void log(LogLevel level, std::string_view event) {
  log_line(level, event, {});
}

}  // namespace mirrorway::base
