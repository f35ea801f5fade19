// Diagnostics of the daemons: one line per event on stderr, a stable event text and then key=value
// fields, for example
//   2026-01-02T03:04:05.678Z warning mirrorlist_server[412]: snapshot refused path=/… reason="…"
// For journald the time is left to the journal and the level is a prefix that it understands
// (sd-daemon(3)): it adds unit, process id and time itself, so that nothing but stderr is needed,
// and nothing that a sandbox would have to allow.
// To log never waits: a line that stderr does not take at once is dropped, and a line says later
// how many were.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace mirrorway::base {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning" or "error"; anything else throws UsageError.
LogLevel parse_log_level(std::string_view text);

enum class LogTarget {
  kAuto,      // journald when stderr leads there (JOURNAL_STREAM says so), else stderr
  kStderr,    // lines with time, level, program and process id
  kJournald,  // lines for the journal, also where it is not recognised
};

// "auto", "stderr" or "journald"; anything else throws UsageError.
LogTarget parse_log_target(std::string_view text);

// Once, before the first line; again after fork, for the new process id. `program` is copied.
// `on_drop` is called for each line that is dropped; it must not log.
void start_log(std::string_view program, LogLevel least, LogTarget target = LogTarget::kAuto,
               void (*on_drop)() = nullptr);

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
