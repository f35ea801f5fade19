#include "common/base/man_page.h"

#include <CLI/CLI.hpp>

#include "common/base/text.h"
#include "common/base/version.h"

namespace mirrorway::base {
namespace {

// A line that starts with a dot or quote would be a request; a dash would become a hyphen.
std::string escape(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else if ((c == '.' || c == '\'') && (result.empty() || result.back() == '\n'))
      result += std::string("\\&") + c;
    else
      result += c;
  }
  return result;
}

std::string option_entries(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    text += ".TP\n\\fB" + escape(option->get_name(option->get_positional())) + "\\fR";
    if (option->get_type_size() != 0) text += " \\fI" + escape(option->get_type_name()) + "\\fR";
    text += "\n" + escape(option->get_description()) + "\n";
  }
  return text;
}

void add_commands(const CLI::App& app, const std::string& words, std::string& text) {
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string name =
        words.empty() ? command->get_name() : words + " " + command->get_name();
    text += ".SS \"" + escape(name);
    for (const CLI::Option* option :
         command->get_options([](const CLI::Option* o) { return o->get_positional(); }))
      text += " " + escape(option->get_name(true));
    text += "\"\n" + escape(command->get_description()) + "\n" + option_entries(*command);
    add_commands(*command, name, text);
  }
}

}  // namespace

std::string format_man_page(const CLI::App& app, const std::vector<ManSection>& sections) {
  const std::string& name = app.get_name();
  std::string page = ".TH " + upper_ascii(name) + " 8 \"\" \"Mirrorway " + std::string(kVersion) +
                     "\" Mirrorway\n.SH NAME\n" + escape(name) + " \\- " +
                     escape(app.get_description()) + "\n.SH SYNOPSIS\n.B " + escape(name) +
                     "\n[\\fIoptions\\fR]";
  page += app.get_subcommands({}).empty() ? "\n" : " \\fIcommand\\fR …\n";
  page += ".SH OPTIONS\n" + option_entries(app);
  if (!app.get_subcommands({}).empty()) {
    page += ".SH COMMANDS\n";
    add_commands(app, "", page);
  }
  for (const ManSection& section : sections)
    page += ".SH " + upper_ascii(section.title) + "\n.nf\n" + escape(section.text) + "\n.fi\n";
  return page + ".SH SEE ALSO\n.BR mirrorway (7)\n";
}

}  // namespace mirrorway::base
