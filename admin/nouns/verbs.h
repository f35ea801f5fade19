// The verbs add, show, list, edit, remove, enable and disable on the command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mirrorway::admin {

class Verbs {
 public:
  // Declares the sub-commands. This must outlive the parsing.
  explicit Verbs(CLI::App& app);

  // Runs the one that was given; nullopt when it was another sub-command.
  std::optional<int> run(const std::string& catalog_url) const;

 private:
  struct Verb {
    std::string name;
    CLI::App* command = nullptr;
  };

  CLI::App* declare(CLI::App& app, const char* name, const char* help, const char* words_help);
  int read(const std::string& verb, const std::string& catalog_url) const;
  int write(const std::string& verb, const std::string& catalog_url) const;

  std::vector<Verb> verbs_;
  std::string noun_;
  std::vector<std::string> words_;
  bool wants_json_ = false;
  bool is_dry_run_ = false;
  bool is_recursive_ = false;
};

// The nouns with their keys, for --help and the man page.
std::string nouns_help();

}  // namespace mirrorway::admin
