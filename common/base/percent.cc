#include "common/base/percent.h"

#include <charconv>

#include "common/base/text.h"

namespace mirrorway::base {
namespace {

constexpr double kHundred = 100;

}  // namespace

Parsed<Share> parse_percent(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  const bool is_number = error == std::errc() && stop + 1 == end && *stop == '%';
  if (!is_number || !(value >= 0 && value <= kHundred))
    return refuse("\"{}\" is no share from 0% to 100%", printable(text, 40));
  return Share{value / kHundred};
}

std::string format_percent(Share share) {
  return fmt::format("{:g}%", share.value * kHundred);
}

bool loses_more_than(Share share, std::size_t before, std::size_t after) {
  if (after >= before) return false;
  constexpr double kRounding = 1e-6;  // far less than one
  return static_cast<double>(before - after) >
         share.value * static_cast<double>(before) + kRounding;
}

}  // namespace mirrorway::base
