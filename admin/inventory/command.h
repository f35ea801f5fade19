// mirror_admin import inventory.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace mirrorway::admin {

class InventoryCommand {
 public:
  // Declares it. This must outlive the parsing.
  explicit InventoryCommand(CLI::App& import);

  // Prints bad lines and remarks on stderr, the summary on stdout. Returns the exit status; nullopt
  // when it was not given.
  std::optional<int> run(const std::string& catalog_url) const;

 private:
  struct Settings {
    std::string inventory;
    std::string repositories;
    std::string category;       // empty: the file's name without ".jsonl" and "-mirrors"
    std::string top_directory;  // empty: that of the category in the catalog, else its name
    bool allows_any_netblocks = false;
    bool is_strict = false;
    bool is_dry_run = false;
  };

  CLI::App* command_;
  Settings settings_;
};

}  // namespace mirrorway::admin
