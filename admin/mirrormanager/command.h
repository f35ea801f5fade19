// mirror_admin import mirrormanager.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace mirrorway::admin {

class MirrormanagerCommand {
 public:
  // Declares it. This must outlive the parsing.
  explicit MirrormanagerCommand(CLI::App& import);

  // Prints what was left out on stderr, the summary on stdout. Returns the exit status; nullopt
  // when it was not given.
  std::optional<int> run(const std::string& catalog_url) const;

 private:
  struct Settings {
    std::string from;  // the database, as a catalog URL names it
    bool resolves_names = false;
    bool is_dry_run = false;
  };

  CLI::App* command_;
  Settings settings_;
};

}  // namespace mirrorway::admin
