#include "admin/nouns/output.h"

#include <fmt/format.h>

#include <algorithm>

namespace mirrorway::admin {
namespace {

// Columns that a text takes on a terminal, near enough: one for each UTF-8 sequence.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string padded(const std::string& text, std::size_t columns, bool to_the_right) {
  const std::string blanks(columns - std::min(columns, width(text)), ' ');
  return to_the_right ? blanks + text : text + blanks;
}

// Without the blanks that the last column was filled up with.
std::string ended(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

}  // namespace

std::string plain(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& item : value) text += (text.empty() ? "" : ",") + plain(item);
  return text;
}

std::string format_table(const std::vector<std::string>& columns, const std::vector<Json>& rows) {
  std::vector<std::size_t> widths;
  for (const std::string& column : columns) {
    std::size_t widest = width(column);
    for (const Json& row : rows) widest = std::max(widest, width(plain(row.at(column))));
    widths.push_back(widest);
  }
  constexpr std::string_view kGap = "  ";
  std::string line;
  for (std::size_t i = 0; i < columns.size(); ++i)
    line += padded(columns[i], widths[i], false).append(kGap);
  std::string text = ended(std::move(line));
  for (const Json& row : rows) {
    line.clear();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Json& value = row.at(columns[i]);
      line += padded(plain(value), widths[i], value.is_number()).append(kGap);
    }
    text += ended(std::move(line));
  }
  return text;
}

std::string format_record(const Json& row) {
  std::size_t widest = 0;
  for (const auto& [key, value] : row.items()) widest = std::max(widest, key.size());
  std::string text;
  for (const auto& [key, value] : row.items())
    text += ended(fmt::format("{:<{}}  {}", key, widest, plain(value)));
  return text;
}

std::string format_json(const Json& value) {
  constexpr int kIndent = 1;
  return value.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mirrorway::admin
