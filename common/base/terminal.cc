#include "common/base/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>

namespace mirrorway::base {
namespace {

constexpr std::string_view kWipe = "\r\033[K";

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return value == nullptr ? std::string_view() : value;
}

bool is_terminal(int fd) {
  return ::isatty(fd) == 1 && environment("TERM") != "dumb";
}

}  // namespace

bool may_have_colours(int fd) {
  return is_terminal(fd) && environment("NO_COLOR").empty();
}

ProgressLine::ProgressLine() : is_terminal_(is_terminal(STDERR_FILENO)) {}

ProgressLine::~ProgressLine() {
  wipe();
}

void ProgressLine::show(std::string_view what, std::uint64_t done, std::uint64_t total) {
  constexpr std::chrono::milliseconds kPause{200};
  if (!is_terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - shown_at_ < kPause) return;
  shown_at_ = now;
  write(what, done, total);
}

void ProgressLine::show_step(std::string_view what, std::uint64_t step, std::uint64_t steps) {
  if (is_terminal_) write(what, step, steps);
}

void ProgressLine::wipe() {
  if (is_shown_) std::cerr << kWipe << std::flush;
  is_shown_ = false;
}

void ProgressLine::write(std::string_view what, std::uint64_t done, std::uint64_t total) {
  constexpr std::uint64_t kCells = 24;
  is_shown_ = true;
  std::cerr << kWipe;
  if (total > 0) {
    const std::uint64_t part = std::min(done, total);
    const std::uint64_t cells = part * kCells / total;
    std::cerr << fmt::format("[{}{}] {:3} %  ", std::string(cells, '#'),
                             std::string(kCells - cells, '.'), part * 100 / total);
  }
  std::cerr << what << std::flush;
}

}  // namespace mirrorway::base
