#include "common/base/option_value.h"

#include <algorithm>

#include "common/base/duration.h"
#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::base {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::uint32_t parse_in_range(std::string_view text, const OptionNumber& number) {
  const auto value = parse_number(text, number.most);
  if (!value || *value < number.least)
    throw UsageError("\"{}\" is not a whole number from {} to {}", printable(text, 40),
                     number.least, number.most);
  return static_cast<std::uint32_t>(*value);
}

template <typename T>
T or_usage_error(const Parsed<T>& parsed) {
  if (!parsed) throw UsageError("{}", parsed.reason());
  return *parsed;
}

std::string need_string(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  throw UsageError("must be a string in quotes");
}

std::vector<std::string> need_strings(const toml::node& node) {
  if (node.is_string()) return {need_string(node)};
  const auto* array = node.as_array();
  if (array == nullptr) throw UsageError("must be a string or an array of strings");
  std::vector<std::string> values;
  for (const toml::node& element : *array) values.push_back(need_string(element));
  return values;
}

std::string in_quotes(const std::string& text) {
  return '"' + text + '"';
}

}  // namespace

void set_from_flag(const OptionTarget& target, const std::vector<std::string>& given) {
  std::visit(Overloaded{[&](std::string* text) { *text = given.back(); },
                        [&](std::vector<std::string>* list) { *list = given; },
                        [&](const OptionNumber& number) {
                          *number.target = parse_in_range(given.back(), number);
                        },
                        [&](std::chrono::milliseconds* duration) {
                          *duration = or_usage_error(parse_duration(given.back()));
                        },
                        [&](Share* share) { *share = or_usage_error(parse_percent(given.back())); },
                        [&](bool* flag) { *flag = true; }},
             target);
}

void set_from_file(const OptionTarget& target, const toml::node& node) {
  std::visit(
      Overloaded{[&](std::string* text) { *text = need_string(node); },
                 [&](std::vector<std::string>* list) { *list = need_strings(node); },
                 [&](const OptionNumber& number) {
                   const auto* integer = node.as_integer();
                   if (integer == nullptr) throw UsageError("must be a whole number");
                   *number.target = parse_in_range(std::to_string(integer->get()), number);
                 },
                 [&](std::chrono::milliseconds* duration) {
                   *duration = or_usage_error(parse_duration(need_string(node)));
                 },
                 [&](Share* share) { *share = or_usage_error(parse_percent(need_string(node))); },
                 [&](bool* flag) {
                   const auto* boolean = node.as_boolean();
                   if (boolean == nullptr) throw UsageError("must be true or false");
                   *flag = boolean->get();
                 }},
      target);
}

bool has_empty_string(const OptionTarget& target) {
  if (const auto* const text = std::get_if<std::string*>(&target)) return (*text)->empty();
  const auto* const list = std::get_if<std::vector<std::string>*>(&target);
  return list != nullptr && std::any_of((*list)->begin(), (*list)->end(),
                                        [](const std::string& word) { return word.empty(); });
}

std::string default_text(const OptionTarget& target) {
  return std::visit(
      Overloaded{[](const std::string* text) { return *text; },
                 [](const std::vector<std::string>* list) {
                   return fmt::format("{}", fmt::join(*list, ", "));
                 },
                 [](const OptionNumber& number) { return std::to_string(*number.target); },
                 [](const std::chrono::milliseconds* d) { return format_duration(*d); },
                 [](const Share* share) { return format_percent(*share); },
                 [](const bool*) { return std::string(); }},
      target);
}

std::string toml_text(const OptionTarget& target) {
  return std::visit(
      Overloaded{[](const std::string* text) { return in_quotes(*text); },
                 [](const std::vector<std::string>* list) {
                   std::vector<std::string> words;
                   for (const std::string& word : *list) words.push_back(in_quotes(word));
                   return fmt::format("[{}]", fmt::join(words, ", "));
                 },
                 [](const OptionNumber& number) { return std::to_string(*number.target); },
                 [](const std::chrono::milliseconds* duration) {
                   return in_quotes(format_duration(*duration));
                 },
                 [](const Share* share) { return in_quotes(format_percent(*share)); },
                 [](const bool* flag) { return std::string(*flag ? "true" : "false"); }},
      target);
}

std::string kind_text(const OptionTarget& target, const std::string& shape) {
  return std::visit(
      Overloaded{[&](const std::string*) { return shape; },
                 [&](const std::vector<std::string>*) { return "list of " + shape; },
                 [](const OptionNumber& n) { return fmt::format("{} to {}", n.least, n.most); },
                 [](const std::chrono::milliseconds*) { return std::string("duration"); },
                 [](const Share*) { return std::string("0% to 100%"); },
                 [](const bool*) { return std::string("true or false"); }},
      target);
}

}  // namespace mirrorway::base
