#include "common/base/options.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>

#include <CLI/CLI.hpp>

#include "common/base/file.h"
#include "common/base/option_value.h"
#include "common/base/terminal.h"
#include "common/base/text.h"
#include "common/base/version.h"

namespace mirrorway::base {
namespace {

// Every table that the one file may hold, so that a misspelt table is found by every program.
constexpr std::array<std::string_view, 4> kPrograms{"mirrorlist_client", "mirrorlist_server",
                                                    "cache_builder", "mirror_admin"};

// Likewise the tables that may come several times, whichever program they are for.
constexpr std::array<std::string_view, 1> kTables{"probe"};

// Read without being asked for: somebody who types a command means the catalog that is configured.
constexpr const char* kUsualConfig = "/etc/mirrorway.toml";
constexpr const char* kConfigVariable = "MIRRORWAY_CONFIG";
constexpr std::string_view kNoConfig = "none";

std::string key_of(std::string_view name) {
  std::string key(name);
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

}  // namespace

struct Options::Option {
  std::string name;
  std::string shape;  // empty for a flag
  OptionTarget target;
  std::string help;
  std::vector<std::string> given = {};
  bool is_given = false;
  bool is_set = false;
  std::string place = {};                        // file and line, where that is what has set it
  bool may_be_empty = has_empty_string(target);  // as its default is; it means something, then
};

namespace {

void set(auto& option, const auto& assign) {
  assign();
  if (!option.may_be_empty && has_empty_string(option.target))
    throw UsageError("must not be empty");
  option.is_set = true;
}

std::string place(const std::string& path, const toml::node& node) {
  return fmt::format("{}:{}", path, node.source().begin.line);
}

// `where` ends the message about a key that is none.
void read_table(const std::string& path, const toml::table& table, auto& options,
                std::string_view where) {
  for (const auto& [key, node] : table) {
    // clang 14 does not let a lambda capture a structured binding.
    const auto option =
        std::find_if(options.begin(), options.end(),
                     [wanted = key.str()](const auto& o) { return key_of(o.name) == wanted; });
    if (option == options.end())
      throw UsageError("{}: unknown key \"{}\" in {}", place(path, node), printable(key.str()),
                       where);
    try {
      set(*option, [&, &value = node] { set_from_file(option->target, value); });
      option->place = place(path, node);
    } catch (const UsageError& error) {
      throw UsageError("{}: {}: {}", place(path, node), key.str(), error.what());
    }
  }
}

ConfigTable config_table(std::string heading, std::string help, const auto& options) {
  ConfigTable table{std::move(heading), std::move(help), {}};
  for (const auto& option : options)
    table.keys.push_back({key_of(option.name), kind_text(option.target, option.shape),
                          toml_text(option.target), option.help});
  return table;
}

}  // namespace

Options::Table::Table() = default;
Options::Table::~Table() = default;

void Options::Table::add(std::string_view key, std::string& target, std::string_view shape,
                         std::string_view help) {
  options_.push_back({std::string(key), std::string(shape), &target, std::string(help)});
}

void Options::Table::add(std::string_view key, std::uint32_t& target, std::uint32_t least,
                         std::uint32_t most, std::string_view help) {
  options_.push_back(
      {std::string(key), "N", OptionNumber{&target, least, most}, std::string(help)});
}

void Options::Table::add_check(std::function<void()> check) {
  checks_.push_back(std::move(check));
}

Options::Options(std::string program, std::string summary)
    : program_(std::move(program)), app_(std::make_unique<CLI::App>(std::move(summary), program_)) {
  constexpr std::size_t kMaxOptions = 64;
  options_.reserve(kMaxOptions);  // CLI11 keeps references to the elements
  app_->fallthrough();
  app_->get_formatter()->column_width(34);
  app_->set_version_flag("--version", program_ + " (Mirrorway) " + std::string(kVersion));
  app_->add_option(
          "--config", config_,
          fmt::format("TOML file with a table [{}]; {} where there is one, unless {} in the "
                      "environment names another; \"{}\" for none",
                      program_, kUsualConfig, kConfigVariable, kNoConfig))
      ->type_name("FILE");
  app_->add_flag("--check-config", wants_check_only_, "Check options and file, then exit");
  app_->add_flag("--print-config")
      ->description("Print what the file may hold of this program, with the defaults, then exit");
}

Options::~Options() = default;

void Options::add_option(Option option) {
  MIRRORWAY_ASSERT(options_.size() < options_.capacity());
  Option& kept = options_.emplace_back(std::move(option));
  const std::string flag = "--" + kept.name;
  if (kept.shape.empty()) {
    app_->add_flag(flag, kept.is_given, kept.help);
    return;
  }
  const std::string shown = default_text(kept.target);
  auto* declared =
      app_->add_option(flag, kept.given, kept.help + (shown.empty() ? "" : " [" + shown + "]"));
  declared->type_name(kept.shape)->allow_extra_args(false);
  // A list grows with every use of the flag; everything else may be given once only.
  declared->expected(1);
  if (std::holds_alternative<std::vector<std::string>*>(kept.target))
    declared->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Options::add(std::string_view name, std::string& target, std::string_view shape,
                  std::string_view help) {
  add_option({std::string(name), std::string(shape), &target, std::string(help)});
}

void Options::add(std::string_view name, std::vector<std::string>& target, std::string_view shape,
                  std::string_view help) {
  add_option({std::string(name), std::string(shape), &target, std::string(help)});
}

void Options::add(std::string_view name, std::uint32_t& target, std::uint32_t least,
                  std::uint32_t most, std::string_view help) {
  add_option({std::string(name), "N", OptionNumber{&target, least, most}, std::string(help)});
}

void Options::add(std::string_view name, std::chrono::milliseconds& target, std::string_view help) {
  add_option({std::string(name), "DURATION", &target, std::string(help)});
}

void Options::add(std::string_view name, Share& target, std::string_view help) {
  add_option({std::string(name), "SHARE", &target, std::string(help)});
}

void Options::add(std::string_view name, bool& target, std::string_view help) {
  add_option({std::string(name), "", &target, std::string(help)});
}

bool Options::is_set(std::string_view name) const {
  return std::any_of(options_.begin(), options_.end(),
                     [&](const Option& option) { return option.name == name && option.is_set; });
}

CLI::App& Options::app() {
  return *app_;
}

void Options::add_words(std::string shape, std::vector<std::string> words) {
  words_[std::move(shape)] = std::move(words);
}

void Options::add_section(std::string title, std::string text) {
  sections_.push_back({std::move(title), std::move(text)});
}

void Options::add_check(std::function<void()> check) {
  checks_.push_back(std::move(check));
}

void Options::add_tables(std::string_view name, std::string_view help,
                         std::function<void(Table&)> declare) {
  MIRRORWAY_ASSERT(std::find(kTables.begin(), kTables.end(), name) != kTables.end());
  tables_.emplace(name, Tables{std::string(help), std::move(declare)});
}

void Options::read_file(const std::string& path) {
  constexpr std::size_t kMaxConfigBytes = 1 << 20;
  const std::string text = base::read_file(path, kMaxConfigBytes);
  toml::table file;
  try {
    file = toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    throw UsageError("{}:{}: {}", path, error.source().begin.line, error.description());
  }
  // Tables of a name that another program reads are looked at no closer.
  const auto read_tables = [&](std::string_view name, const toml::node& node) {
    const toml::array* const tables = node.as_array();
    if (tables == nullptr || !tables->is_homogeneous<toml::table>())
      throw UsageError("{}: {} may come several times: write [[{}]]", place(path, node), name,
                       name);
    const auto declared = tables_.find(name);
    if (declared == tables_.end()) return;
    for (const toml::node& one : *tables) {
      Table table;
      declared->second.declare(table);
      read_table(path, *one.as_table(), table.options_, fmt::format("[[{}]]", name));
      try {
        for (const auto& check : table.checks_) check();
      } catch (const UsageError& error) {
        throw UsageError("{}: {}", place(path, one), error.what());
      }
    }
  };
  for (const auto& [name, node] : file) {
    if (std::find(kTables.begin(), kTables.end(), name.str()) != kTables.end()) {
      read_tables(name.str(), node);
      continue;
    }
    if (std::find(kPrograms.begin(), kPrograms.end(), name.str()) == kPrograms.end())
      throw UsageError("{}: unknown table [{}]; known are {}, and several [[{}]]",
                       place(path, node), printable(name.str()), fmt::join(kPrograms, ", "),
                       fmt::join(kTables, "]], [["));
    if (!node.is_table())
      throw UsageError("{}: {} must be a table: write [{}]", place(path, node), name.str(),
                       name.str());
  }
  if (const toml::table* const table = file[program_].as_table())
    read_table(path, *table, options_,
               fmt::format("[{}]; {} --help lists the options", program_, program_));
}

void Options::run_checks() const {
  try {
    for (const auto& check : checks_) check();
  } catch (const UsageError& error) {
    throw UsageError("{}", with_place(error.what()));
  }
}

// With file and line, where a flag that it speaks of has its value from there: the one that it
// begins with becomes the file's key, another one is named before it.
std::string Options::with_place(const std::string& message) const {
  const Option* other = nullptr;
  for (const Option& option : options_) {
    const std::string flag = "--" + option.name;
    const std::size_t at = option.place.empty() ? std::string::npos : message.find(flag);
    if (at == std::string::npos) continue;
    const std::string rest = message.substr(at + flag.size());
    if (!rest.empty() && !rest.starts_with(' ') && !rest.starts_with(':')) continue;
    if (at == 0) return fmt::format("{}: {}{}", option.place, key_of(option.name), rest);
    other = &option;
  }
  if (other == nullptr) return message;
  return fmt::format("{}: {}: {}", other->place, key_of(other->name), message);
}

std::vector<ConfigTable> Options::config_tables() const {
  std::vector<ConfigTable> tables{
      config_table("[" + program_ + "]", app_->get_description() + ".", options_)};
  for (const auto& [name, several] : tables_) {
    Table table;
    several.declare(table);
    tables.push_back(config_table("[[" + name + "]]", several.help, table.options_));
  }
  return tables;
}

std::optional<std::string> Options::find_page(const std::vector<std::string_view>& words) const {
  for (const std::string_view word : words) {
    if (word == "--man") return format_man_page(*app_, sections());
    if (word == "--print-config") return format_config_file(config_tables());
    if (word == "--print-reference") return format_config_reference(config_tables());
    if (word == "--print-completion") return format_bash_completion(*app_, words_);
  }
  return std::nullopt;
}

std::optional<int> Options::parse(int argc, char** argv) {
  app_->footer([this] {
    std::string footer;
    for (const ManSection& section : sections())
      footer += fmt::format("\n{}:\n{}\n", section.title, section.text);
    return footer;
  });
  try {
    // Before CLI11 asks for a sub-command: pages and checks need none.
    const std::vector<std::string_view> words(argv + std::min(argc, 1), argv + argc);
    if (const auto page = find_page(words)) {
      std::cout << *page;
      return kExitSuccess;
    }
    if (std::find(words.begin(), words.end(), "--check-config") != words.end())
      app_->require_subcommand(0, 0);
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app_->exit(error, std::cout, std::cerr);
    return status == 0 ? kExitSuccess : kExitUsage;
  }
  if (const std::string path = config_path(); !path.empty()) read_file(path);
  for (Option& option : options_) {
    if (option.given.empty() && !option.is_given) continue;
    try {
      set(option, [&] { set_from_flag(option.target, option.given); });
      option.place.clear();
    } catch (const UsageError& error) {
      throw UsageError("--{}: {}", option.name, error.what());
    }
  }
  run_checks();
  if (!wants_check_only_) return std::nullopt;
  std::cout << "configuration is good\n";
  return kExitSuccess;
}

// Empty when there is nothing to read. A file that was asked for has to be there.
std::string Options::config_path() const {
  const char* const variable = std::getenv(kConfigVariable);  // NOLINT(concurrency-mt-unsafe)
  std::string path = config_.empty() && variable != nullptr ? variable : config_;
  if (path.empty() && ::access(kUsualConfig, F_OK) == 0) path = kUsualConfig;
  return path == kNoConfig ? std::string() : path;
}

std::vector<ManSection> Options::sections() const {
  std::vector<ManSection> all;
  const std::vector<ConfigTable> tables = config_tables();
  for (std::size_t i = 1; i < tables.size(); ++i)  // the first are the flags themselves
    all.push_back({tables[i].heading, std::string(trim(format_config_file({tables[i]})))});
  all.insert(all.end(), sections_.begin(), sections_.end());
  return all;
}

int run_main(std::string_view program, const std::function<int()>& body) {
  const auto complain = [program](const char* what) {
    const bool is_red = may_have_colours(STDERR_FILENO);
    std::cerr << (is_red ? "\033[1;31m" : "") << program << ": " << (is_red ? "\033[0m" : "")
              << what << '\n';
  };
  try {
    return body();
  } catch (const UsageError& error) {
    complain(error.what());
    return kExitUsage;
  } catch (const StatusError& error) {
    complain(error.what());
    return error.status();
  } catch (const std::exception& error) {
    complain(error.what());
    return kExitFailure;
  }
}

}  // namespace mirrorway::base
