// Where the value of an option goes, and how it is written: on the command line, in the file, in
// the help. For options.cc only.
#pragma once

#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "common/base/percent.h"

namespace mirrorway::base {

struct OptionNumber {
  std::uint32_t* target;
  std::uint32_t least;
  std::uint32_t most;
};

using OptionTarget = std::variant<std::string*, std::vector<std::string>*, OptionNumber,
                                  std::chrono::milliseconds*, Share*, bool*>;

// Both throw UsageError that says what is wrong with the value, without its name.
void set_from_flag(const OptionTarget& target, const std::vector<std::string>& given);
void set_from_file(const OptionTarget& target, const toml::node& node);

// Whether the target has a string without any character.
bool has_empty_string(const OptionTarget& target);
// What the target has, for the help; empty for a flag.
std::string default_text(const OptionTarget& target);
// The same as TOML. Quotes and control characters are no part of a default.
std::string toml_text(const OptionTarget& target);
// What a value looks like, such as "1 to 64"; `shape` names a word of it.
std::string kind_text(const OptionTarget& target, const std::string& shape);

}  // namespace mirrorway::base
