#include "common/base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "common/base/error.h"
#include "common/base/stderr_sink.h"
#include "common/base/text.h"

namespace mirrorway::base {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// sd-daemon(3): the journal takes "<N>" at the start of a line as the syslog level.
std::string_view journal_prefix(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "<7>";
    case LogLevel::kInfo:
      return "<6>";
    case LogLevel::kWarning:
      return "<4>";
    case LogLevel::kError:
      return "<3>";
  }
  return "<3>";
}

// Whether stderr is the stream to the journal that systemd made: the variable names its device and
// inode, and is inherited by processes whose stderr leads elsewhere.
bool is_stderr_the_journal() {
  const char* const stream = std::getenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe)
  struct stat status {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return stream == fmt::format("{}:{}", status.st_dev, status.st_ino);
}

bool& is_for_journal() {
  static bool value = false;
  return value;
}

std::shared_ptr<spdlog::logger>& logger() {
  static std::shared_ptr<spdlog::logger> instance;
  return instance;
}

}  // namespace

LogLevel parse_log_level(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels{
      {{"debug", LogLevel::kDebug},
       {"info", LogLevel::kInfo},
       {"warning", LogLevel::kWarning},
       {"error", LogLevel::kError}}};
  for (const auto& [name, level] : kLevels)
    if (name == text) return level;
  throw UsageError("--log-level: \"{}\" is no log level; there are debug, info, warning and error",
                   printable(text, 40));
}

LogTarget parse_log_target(std::string_view text) {
  if (text == "auto") return LogTarget::kAuto;
  if (text == "stderr") return LogTarget::kStderr;
  if (text == "journald") return LogTarget::kJournald;
  throw UsageError("--log-target: \"{}\" is no log target; there are auto, stderr and journald",
                   printable(text, 40));
}

void start_log(std::string_view program, LogLevel least, LogTarget target, void (*on_drop)()) {
  is_for_journal() =
      target == LogTarget::kJournald || (target == LogTarget::kAuto && is_stderr_the_journal());
  auto sink = std::make_shared<StderrSink>(
      is_for_journal() ? journal_prefix(LogLevel::kWarning) : std::string_view(), on_drop);
  if (is_for_journal()) {
    sink->set_pattern("%v");
  } else {
    auto formatter = std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %l %n[%P]: %v", spdlog::pattern_time_type::utc);
    sink->set_formatter(std::move(formatter));
  }
  logger() = std::make_shared<spdlog::logger>(std::string(program), std::move(sink));
  logger()->set_level(spdlog_level(least));
}

void log_line(LogLevel level, std::string_view event, std::string_view fields) {
  if (!logger()) return;
  logger()->log(spdlog_level(level), "{}{}{}{}", is_for_journal() ? journal_prefix(level) : "",
                event, fields.empty() ? "" : " ", fields);
}

std::string quoted(std::string_view value) {
  constexpr std::size_t kMaxBytes = 500;
  return '"' + printable(value, kMaxBytes) + '"';
}

}  // namespace mirrorway::base
