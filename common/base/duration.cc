#include "common/base/duration.h"

#include <array>

#include "common/base/text.h"

namespace mirrorway::base {
namespace {

struct Unit {
  std::string_view name;
  std::chrono::milliseconds length;
};

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::array<Unit, 5> kUnits{{{"d", 24h}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}}};
constexpr std::chrono::milliseconds kLongest = 24h * 3653;

}  // namespace

Parsed<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  for (const Unit& unit : kUnits) {
    if (text.substr(digits) != unit.name) continue;
    const auto most = static_cast<std::uint64_t>(kLongest / unit.length);
    const auto count = parse_number(text.substr(0, digits), most);
    if (!count) break;
    return unit.length * static_cast<std::int64_t>(*count);
  }
  return refuse("\"{}\" is no duration: write a whole number and ms, s, m, h or d, as in 24h",
                printable(text, 40));
}

std::string format_duration(std::chrono::milliseconds duration) {
  for (const Unit& unit : kUnits) {
    if (duration.count() != 0 && duration % unit.length == std::chrono::milliseconds{0})
      return fmt::format("{}{}", duration / unit.length, unit.name);
  }
  return "0s";
}

}  // namespace mirrorway::base
