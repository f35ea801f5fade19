#include "common/base/config_pages.h"

#include <fmt/format.h>

#include "common/base/text.h"

namespace mirrorway::base {
namespace {

constexpr std::size_t kColumns = 100;

// Lines of a comment. A word longer than a line is not broken.
std::string as_comment(std::string_view text) {
  std::string lines;
  std::string line = "#";
  for (const std::string_view word : split(text, ' ')) {
    if (line.size() > 1 && line.size() + 1 + word.size() > kColumns) {
      lines += line + '\n';
      line = "#";
    }
    line += ' ';
    line += word;
  }
  return lines + line + '\n';
}

// A bar would end the cell of a table.
std::string as_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

}  // namespace

std::string format_config_file(const std::vector<ConfigTable>& tables) {
  std::string text;
  for (const ConfigTable& table : tables) {
    const bool may_repeat = table.heading.starts_with("[[");
    text += fmt::format("\n{}{}{}\n", as_comment(table.help), may_repeat ? "#" : "", table.heading);
    for (const ConfigKey& key : table.keys)
      text += fmt::format("\n{}#{} = {}\n", as_comment(fmt::format("{} [{}]", key.help, key.kind)),
                          key.name, key.default_value);
  }
  return text;
}

std::string format_config_reference(const std::vector<ConfigTable>& tables) {
  std::string text;
  for (const ConfigTable& table : tables) {
    text += fmt::format("\n## `{}`\n\n{}\n\n| key | value | default | |\n|---|---|---|---|\n",
                        table.heading, table.help);
    for (const ConfigKey& key : table.keys)
      text += fmt::format("| `{}` | {} | `{}` | {} |\n", key.name, as_cell(key.kind),
                          as_cell(key.default_value), as_cell(key.help));
  }
  return text;
}

}  // namespace mirrorway::base
