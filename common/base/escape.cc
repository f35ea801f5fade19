#include "common/base/escape.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mirrorway::base {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The length of the UTF-8 sequence at the start of `text` if it is a character that XML 1.0 knows,
// else 0. `text` is not empty.
std::size_t xml_character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(text[i]);
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) {
    const bool is_allowed =
        (first >= 0x20 && first != 0x7F) || first == '\t' || first == '\n' || first == '\r';
    return is_allowed ? 1 : 0;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  std::uint32_t character = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
    character = character << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::uint32_t kLeastOfThree = 0x800;
  constexpr std::uint32_t kLeastOfFour = 0x10000;
  const bool is_overlong =
      (length == 3 && character < kLeastOfThree) || (length == 4 && character < kLeastOfFour);
  const bool is_surrogate = character >= 0xD800 && character <= 0xDFFF;
  const bool is_outside = character > 0x10FFFF || character == 0xFFFE || character == 0xFFFF;
  return is_overlong || is_surrogate || is_outside ? 0 : length;
}

using CodeTable = std::array<bool, 256>;

// ASCII's printable characters but these.
constexpr CodeTable plain_but(std::string_view special) {
  CodeTable table{};
  for (char c = ' '; c < '\x7F'; ++c)
    table[static_cast<unsigned char>(c)] = special.find(c) == std::string_view::npos;
  return table;
}

// What stands for itself.
constexpr CodeTable kPlainText = plain_but("&<>\"'");
constexpr CodeTable kPlainComment = plain_but("-");

// Calls append(one character, or several plain ones) for all of the text, with U+FFFD for every
// byte that is no character.
template <typename Append>
void for_each_character(std::string_view text, const CodeTable& is_plain, const Append& append) {
  while (!text.empty()) {
    const auto* const plain_end = std::find_if(
        text.begin(), text.end(), [&](char c) { return !is_plain[static_cast<unsigned char>(c)]; });
    const auto plain = static_cast<std::size_t>(plain_end - text.begin());
    if (plain != 0) append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) return;
    const std::size_t length = xml_character_length(text);
    append(length == 0 ? kReplacement : text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

std::string_view reference_for(std::string_view character) {
  switch (character.front()) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return character;
  }
}

}  // namespace

void append_xml_escaped(std::string_view text, std::string& out) {
  for_each_character(text, kPlainText,
                     [&](std::string_view character) { out += reference_for(character); });
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_xml_escaped(text, out);
  return out;
}

std::string xml_comment(std::string_view text) {
  std::string out;
  for_each_character(text, kPlainComment, [&](std::string_view character) {
    if (character == "-" && out.ends_with('-')) out += ' ';
    out += character;
  });
  if (out.ends_with('-')) out += ' ';
  return out;
}

}  // namespace mirrorway::base
