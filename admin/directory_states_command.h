// mirror_admin import directory-states.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace mirrorway::admin {

class DirectoryStatesCommand {
 public:
  // Declares it. This must outlive the parsing.
  explicit DirectoryStatesCommand(CLI::App& import);

  // Prints bad lines on stderr, the summary on stdout. Returns the exit status; nullopt when it was
  // not given.
  std::optional<int> run(const std::string& catalog_url) const;

 private:
  struct Settings {
    std::string host;  // an unambiguous part of its name
    std::string file;
    bool is_strict = false;
    bool is_dry_run = false;
  };

  CLI::App* command_;
  Settings settings_;
};

}  // namespace mirrorway::admin
