// What the configuration file may hold, as people read it: the commented file that is installed,
// and the reference in the manual. Both come from the declarations of the options.
#pragma once

#include <string>
#include <vector>

namespace mirrorway::base {

struct ConfigKey {
  std::string name;
  std::string kind;           // what a value looks like: "1 to 64", "list of FILE"
  std::string default_value;  // as TOML writes it
  std::string help;
};

struct ConfigTable {
  std::string heading;  // "[mirrorlist_server]", "[[probe]]"
  std::string help;
  std::vector<ConfigKey> keys;
};

// TOML with every key commented out: "#" directly before a key, "# " before explanations. A table
// that may come several times is commented out whole.
std::string format_config_file(const std::vector<ConfigTable>& tables);

// A section of Markdown for each table.
std::string format_config_reference(const std::vector<ConfigTable>& tables);

}  // namespace mirrorway::base
