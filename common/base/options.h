// One declaration per option gives the flag, the key of the TOML file, the line of --help and the
// entry of the man page.
//
//   Options options("mirrorlist_client", "HTTP front end of the mirror redirector");
//   options.add("listen", settings.listen, "ADDRESS:PORT", "Where to accept HTTP");
//   if (const auto status = options.parse(argc, argv)) return *status;
//
// gives --listen ADDRESS:PORT and `listen = "…"` in the table [mirrorlist_client] of the file that
// --config names, or MIRRORWAY_CONFIG, or that is where operators keep it. Flags override the file;
// an unknown key or a value of the wrong type is an error that names file and line. Dashes in names
// become underscores in the file. --help, --version,
// --check-config and --print-config (all of it commented out, with the defaults) come by
// themselves, and what the build asks for: --man (the page in man(7) form), --print-reference
// (Markdown).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/completion.h"
#include "common/base/config_pages.h"
#include "common/base/man_page.h"
#include "common/base/parsed.h"
#include "common/base/percent.h"

namespace mirrorway::base {

// How main ends: 0 success, 1 failure, 2 usage.
inline constexpr int kExitSuccess = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

class Options {
 private:
  struct Option;

 public:
  Options(std::string program, std::string summary);
  ~Options();
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  // The targets keep their value unless file or flag sets another; that value is shown as the
  // default, and only where it is empty another may be. They must outlive parse. `shape` names the
  // value in the help, in capitals; or it is all words that are allowed, with bars: on|off (a check
  // of yours refuses others).
  void add(std::string_view name, std::string& target, std::string_view shape,
           std::string_view help);
  // May be given several times; an array of strings in the file. The flag replaces the file's list.
  void add(std::string_view name, std::vector<std::string>& target, std::string_view shape,
           std::string_view help);
  void add(std::string_view name, std::uint32_t& target, std::uint32_t least, std::uint32_t most,
           std::string_view help);
  void add(std::string_view name, std::chrono::milliseconds& target, std::string_view help);
  void add(std::string_view name, Share& target, std::string_view help);
  void add(std::string_view name, bool& target, std::string_view help);

  // One of several tables of a name; only in the file.
  class Table {
   public:
    Table();
    ~Table();
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    // As for options: the target keeps its value unless the table has the key.
    void add(std::string_view key, std::string& target, std::string_view shape,
             std::string_view help);
    void add(std::string_view key, std::uint32_t& target, std::uint32_t least, std::uint32_t most,
             std::string_view help);
    // Of what needs several keys, run once they are read. Throws UsageError without the place.
    void add_check(std::function<void()> check);

   private:
    friend class Options;
    std::vector<Option> options_;
    std::vector<std::function<void()>> checks_;
  };
  // [[name]] in the file, any number of times. `declare` is called for each, in order, before it is
  // read, and says where its values go; a mistake is an error that names file and line. It is
  // called once more for --print-config, or --help and the page, which have a section of it. The
  // names are one list for all programs, which share the file: see options.cc.
  void add_tables(std::string_view name, std::string_view help,
                  std::function<void(Table&)> declare);

  // After parse: whether file or flag set it, rather than the default.
  bool is_set(std::string_view name) const;

  // Words after the options, and sub-commands, are declared with CLI11 itself.
  CLI::App& app();
  // For completion: what may stand where the help says `shape`.
  void add_words(std::string shape, std::vector<std::string> words);
  // A paragraph at the end of --help and of the page; for examples, files and exit statuses.
  void add_section(std::string title, std::string text);
  // Checks that need several options, run after reading, also by --check-config. Throws UsageError;
  // where that speaks of --NAME, an option that the file has set, file and line are added.
  void add_check(std::function<void()> check);

  // Returns the exit status when the program is done already (help, version, bad usage): what is to
  // be said was said, on stdout or stderr. Otherwise the targets are set.
  std::optional<int> parse(int argc, char** argv);

 private:
  struct Tables {
    std::string help;
    std::function<void(Table&)> declare;
  };

  void add_option(Option option);
  std::string config_path() const;
  void read_file(const std::string& path);
  void run_checks() const;
  std::string with_place(const std::string& message) const;
  std::vector<ConfigTable> config_tables() const;
  // The end of --help and of the page.
  std::vector<ManSection> sections() const;
  // What a flag asks for that needs nothing else, such as --man; nullopt when there is none.
  std::optional<std::string> find_page(const std::vector<std::string_view>& words) const;

  std::string program_;
  std::unique_ptr<CLI::App> app_;
  std::vector<Option> options_;
  std::vector<ManSection> sections_;
  std::vector<std::function<void()>> checks_;
  std::map<std::string, Tables, std::less<>> tables_;
  CompletionWords words_;
  std::string config_;
  bool wants_check_only_ = false;
};

// What every main does: runs `body`, and prints what it throws as one line on stderr. Returns the
// exit status: that of a StatusError, kExitUsage for UsageError, kExitFailure for any other
// exception.
int run_main(std::string_view program, const std::function<int()>& body);

}  // namespace mirrorway::base
