#include "mirrorlist_client/access_log.h"

#include <utility>

#include "common/base/log.h"
#include "mirrorlist_client/metrics.h"

namespace mirrorway::mirrorlist_client {
namespace {

constexpr std::chrono::milliseconds kDelay{1'000};
constexpr std::size_t kEnough = std::size_t{64} << 10U;  // bytes, to be handed over at once

}  // namespace

AccessLog::AccessLog(EventLoop& loop, Settings settings)
    : settings_(std::move(settings)), soon_(Event::timer(loop, [this] { hand_over(); })) {
  if (!settings_.path.empty()) writer_.emplace(settings_.path);
}

AccessLog::~AccessLog() {
  if (is_on()) hand_over();
}

void AccessLog::add(AccessEntry&& entry) {
  if (settings_.has_short_addresses) shorten_addresses(entry);
  const std::string line = format_entry(settings_.format, entry);
  if (!line.empty()) add_line(line);
}

void AccessLog::add_line(std::string_view line) {
  if (!is_on()) return;
  lines_ += line;
  lines_ += '\n';
  ++count_;
  if (lines_.size() >= kEnough) return hand_over();
  if (!soon_.is_waiting()) soon_.start_in(kDelay);
}

void AccessLog::hand_over() {
  if (!lines_.empty() && !writer_->offer(lines_)) count(Counter::kAccessLinesDropped, count_);
  const bool was_busy = !lines_.empty();
  lines_.clear();
  count_ = 0;
  note_problems();
  // Once more, to hear what became of the last lines.
  if (was_busy) soon_.start_in(kDelay);
}

// The first of several failures in a row.
void AccessLog::note_problems() {
  const std::string problem = writer_->take_problem();
  if (!problem.empty() && !has_failed_)
    base::log(base::LogLevel::kError, "cannot write the access log", "error={}",
              base::quoted(problem));
  has_failed_ = writer_->is_failing();
}

void AccessLog::reopen() {
  if (!is_on()) return;
  hand_over();
  writer_->reopen();
}

}  // namespace mirrorway::mirrorlist_client
