// What is different when a person looks on: progress, and colours.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace mirrorway::base {

// Whether what is written to `fd` may have colours: a terminal that knows them, and no NO_COLOR
// (https://no-color.org) in the environment.
bool may_have_colours(int fd);

// One line on stderr, written over and over while long work is under way, and wiped at the end.
// Nothing at all where stderr is no terminal.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // `done` of `total` is the bar; a total of 0 is one that nobody knows yet. Cheap enough to be
  // called for each row.
  void show(std::string_view what, std::uint64_t done, std::uint64_t total);
  // The same for one of few steps, each of which may take long: shown at once.
  void show_step(std::string_view what, std::uint64_t step, std::uint64_t steps);
  // Before anything else is written to the terminal; the next show brings it back.
  void wipe();

 private:
  void write(std::string_view what, std::uint64_t done, std::uint64_t total);

  bool is_terminal_;
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point shown_at_;
};

}  // namespace mirrorway::base
