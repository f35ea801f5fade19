// The man page of a program, from what it declared for --help.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mirrorway::base {

struct ManSection {
  std::string title;
  std::string text;
};

// In man(7) macros. Sub-commands become sub-sections.
std::string format_man_page(const CLI::App& app, const std::vector<ManSection>& sections);

}  // namespace mirrorway::base
