#include "common/base/completion.h"

#include <fmt/format.h>

#include <algorithm>

#include <CLI/CLI.hpp>

#include "common/base/text.h"

namespace mirrorway::base {
namespace {

// What a place takes: words with blanks between, FILE, or ANY for what nobody can guess.
std::string kind_of(const CLI::Option& option, const CompletionWords& words) {
  std::string shape = option.get_positional() ? option.get_name(true) : option.get_type_name();
  if (const auto found = words.find(shape); found != words.end())
    return fmt::format("{}", fmt::join(found->second, " "));
  const std::string type = option.get_type_name();
  if (const auto open = type.find('{'); open != std::string::npos && type.ends_with('}')) {
    std::string members = type.substr(open + 1, type.size() - open - 2);
    std::replace(members.begin(), members.end(), ',', ' ');
    return members;
  }
  if (shape.find('|') != std::string::npos) {
    std::replace(shape.begin(), shape.end(), '|', ' ');
    return shape;
  }
  const auto names_file = [](const std::string& word) {
    return word == "FILE" || word == "PATH" || word == "PROGRAM";
  };
  return names_file(shape) || names_file(type) ? "FILE" : "ANY";
}

// The cases of four functions, for one command and those below it.
struct CommandCases {
  std::string commands;
  std::string flags;
  std::string values;
  std::string places;
};

void add_cases(const CLI::App& app, const std::string& path, const CompletionWords& words,
               CommandCases& cases) {
  std::vector<std::string> flags;
  std::size_t place = 0;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    if (option->get_positional()) {
      const bool repeats = option->get_expected_max() > 1;
      const std::string place_text =
          repeats ? fmt::format("'{} '*", path) : fmt::format("'{} {}'", path, place);
      cases.places += fmt::format("    {}) echo '{}' ;;\n", place_text, kind_of(*option, words));
      ++place;
      continue;
    }
    flags.push_back(option->get_name());
    if (option->get_items_expected_max() != 0)  // no mere flag
      cases.values +=
          fmt::format("    '{} {}') echo '{}' ;;\n", path, flags.back(), kind_of(*option, words));
  }
  cases.flags += fmt::format("    '{}') echo '{}' ;;\n", path, fmt::join(flags, " "));
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands.push_back(command->get_name());
    add_cases(*command, path.empty() ? commands.back() : path + ' ' + commands.back(), words,
              cases);
  }
  if (!commands.empty())
    cases.commands += fmt::format("    '{}') echo '{}' ;;\n", path, fmt::join(commands, " "));
}

// Flags of the program may follow a command, too. Bash takes --flag=value for three words.
constexpr std::string_view kScript = R"sh(
_@() {
  local command='' place=0 flag='' kind i word current=${COMP_WORDS[COMP_CWORD]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == -* ]]; then
      [[ $(_@_value "$command $word") || $(_@_value " $word") ]] || continue
      ((i += 1))
      if ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} == '=' ]]; then ((i += 1)); fi
      if ((i >= COMP_CWORD)); then flag=$word; fi
    elif [[ " $(_@_commands "$command") " == *" $word "* ]]; then
      command+=${command:+ }$word place=0
    else
      ((place += 1))
    fi
  done
  if [[ $current == '=' ]]; then current=''; fi
  if [[ $flag ]]; then
    kind=$(_@_value "$command $flag")
    kind=${kind:-$(_@_value " $flag")}
  elif [[ $current == -* ]]; then
    kind="$(_@_flags "$command") $(_@_flags '')"
  else
    kind=$(_@_commands "$command")
    kind=${kind:-$(_@_place "$command $place")}
  fi
  COMPREPLY=()
  case $kind in
    ANY | '') ;;
    FILE)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$kind" -- "$current") ;;
  esac
}
complete -F _@ @
)sh";

std::string function(const std::string& name, const std::string& cases) {
  return fmt::format("\n{}() {{\n  case $1 in\n{}    *) ;;\n  esac\n}}\n", name, cases);
}

}  // namespace

std::string format_bash_completion(const CLI::App& app, const CompletionWords& words) {
  CommandCases cases;
  add_cases(app, "", words, cases);
  const std::string& program = app.get_name();
  std::string text =
      fmt::format("# Completion of {0} in bash, as {0} itself prints it.\n", program);
  text += function("_" + program + "_commands", cases.commands);
  text += function("_" + program + "_flags", cases.flags);
  text += function("_" + program + "_value", cases.values);
  text += function("_" + program + "_place", cases.places);
  for (const std::string_view part : split(kScript, '@')) {
    if (part.data() != kScript.data()) text += program;
    text += part;
  }
  return text;
}

}  // namespace mirrorway::base
