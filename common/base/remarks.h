// What an import leaves out or changes, counted by kind, with a few examples of each.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mirrorway::base {

// A part of an example that came from outside: printable, and not too long.
std::string shown(std::string_view text);

class Remarks {
 public:
  // The kind completes "N …" and is one of few texts that live as long as the program; the example
  // is formatted only when kept, and its parts from outside must be printable.
  template <typename... Args>
  void add(std::string_view kind, fmt::format_string<Args...> format, Args&&... args) {
    Entry& entry = entry_of(kind);
    if (++entry.count <= kExamples)
      entry.examples.push_back(fmt::format(format, std::forward<Args>(args)...));
  }
  void add_count(std::string_view kind, std::size_t count) {
    if (count > 0) entry_of(kind).count += count;
  }

  std::size_t count(std::string_view kind) const;
  // A line for each kind there is, in the order in which they turned up, without a line end.
  std::vector<std::string> lines() const;

 private:
  static constexpr std::size_t kExamples = 3;

  struct Entry {
    std::string_view kind;
    std::size_t count = 0;
    std::vector<std::string> examples;
  };
  Entry& entry_of(std::string_view kind);

  std::vector<Entry> entries_;
};

}  // namespace mirrorway::base
