// mirror_admin import asn, research, cloud and continents: tables that come from outside as a
// whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mirrorway::admin {

struct NetworkSettings {
  std::vector<std::string> files;
  std::string provider;
  std::string through;  // ASNs, separated by commas
  std::uint32_t max_bad_lines = 0;
  std::string max_loss = "20%";  // of what the catalog has
  std::string bgpdump = "bgpdump";
  bool is_dry_run = false;
};

// The sub-commands of `import`.
class NetworkCommands {
 public:
  // Declares them. `settings` must outlive this and the parsing.
  NetworkCommands(CLI::App& import, NetworkSettings& settings);

  // Whether one of them was given.
  bool is_given() const;
  // Prints what was read and what it changed. Returns the exit status; throws base::Error, and then
  // the catalog is as it was.
  int run(const std::string& catalog_url) const;

 private:
  CLI::App* declare(CLI::App& import, const char* name, const char* help);

  NetworkSettings& settings_;
  CLI::App* asn_;
  CLI::App* research_;
  CLI::App* cloud_;
  CLI::App* continents_;
};

}  // namespace mirrorway::admin
