// mirror_admin copy.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace mirrorway::admin {

class CopyCommand {
 public:
  // Declares it. This must outlive the parsing.
  explicit CopyCommand(CLI::App& app);

  // Prints what was copied, and how far it is while stderr is a terminal. Returns the exit status;
  // nullopt when it was not given.
  std::optional<int> run() const;

 private:
  struct Settings {
    std::string from;  // catalog URLs
    std::string to;
  };

  CLI::App* command_;
  Settings settings_;
};

}  // namespace mirrorway::admin
