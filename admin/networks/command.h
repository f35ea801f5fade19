// mirror_admin import asn, research, cloud and continents: tables that come from outside as a
// whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/options.h"

namespace mirrorway::admin {

class NetworkCommands {
 public:
  struct Settings {
    std::vector<std::string> files;
    std::string provider;
    std::string through;  // ASNs, separated by commas
    std::uint32_t max_bad_lines = 0;
    base::Share max_loss{0.2};  // of what the catalog has
    std::string bgpdump = "bgpdump";
    bool is_dry_run = false;
  };

  // Declares them as sub-commands of `import`, and the options that they need. This must outlive
  // the parsing.
  NetworkCommands(CLI::App& import, base::Options& options);

  // Prints what was read and what it changed. Returns the exit status; nullopt when none of them
  // was given. Throws base::Error, and then the catalog is as it was.
  std::optional<int> run(const std::string& catalog_url) const;

 private:
  CLI::App* declare(CLI::App& import, const char* name, const char* help);

  Settings settings_;
  CLI::App* asn_;
  CLI::App* research_;
  CLI::App* cloud_;
  CLI::App* continents_;
};

}  // namespace mirrorway::admin
