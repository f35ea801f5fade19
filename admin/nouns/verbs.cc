#include "admin/nouns/verbs.h"

#include <iostream>

#include <CLI/CLI.hpp>

#include "admin/nouns/noun.h"
#include "common/base/error.h"
#include "common/base/options.h"

namespace mirrorway::admin {

Verbs::Verbs(CLI::App& app) {
  constexpr const char* kNames = "What names it; an unambiguous part is enough";
  const auto add_dry_run = [&](CLI::App* command) {
    command->add_flag("--dry-run", is_dry_run_, "Do everything, then change nothing");
  };
  const auto add_json = [&](CLI::App* command) {
    command->add_flag("--json", wants_json_, "Everything, as JSON");
  };
  add_dry_run(declare(app, "add", "Add a row", "What names it, then key=value"));
  add_json(declare(app, "show", "Show all of one row", kNames));
  add_json(declare(app, "list", "Show a table of rows", "Parts of names; none: all"));
  add_dry_run(declare(app, "edit", "Change a row", "What names it, then key=value"));
  CLI::App* const remove = declare(app, "remove", "Remove a row", kNames);
  add_dry_run(remove);
  remove->add_flag("--recursive", is_recursive_, "And what depends on it");
  add_dry_run(declare(app, "enable", "Let it be answered again", kNames));
  add_dry_run(declare(app, "disable", "Let it be answered no more, but keep it", kNames));
}

CLI::App* Verbs::declare(CLI::App& app, const char* name, const char* help,
                         const char* words_help) {
  CLI::App* const command = app.add_subcommand(name, help);
  command->add_option("NOUN", noun_, "What kind of row: see Nouns below")->required();
  command->add_option("WORDS", words_, words_help);
  verbs_.push_back({name, command});
  return command;
}

std::optional<int> Verbs::run(const std::string& catalog_url) const {
  for (const Verb& verb : verbs_) {
    if (!verb.command->parsed()) continue;
    const bool is_reading = verb.name == "show" || verb.name == "list";
    return is_reading ? read(verb.name, catalog_url) : write(verb.name, catalog_url);
  }
  return std::nullopt;
}

int Verbs::read(const std::string& verb, const std::string& catalog_url) const {
  const Noun& noun = find_noun(noun_);
  const Arguments arguments = parse_arguments(words_);
  const catalog::CatalogReader reader(catalog_url);
  if (verb == "show") {
    const Json row = noun.show(reader, arguments);
    std::cout << (wants_json_ ? format_json(row) : format_record(row));
  } else {
    const Listing listing = noun.list(reader, arguments);
    std::cout << (wants_json_ ? format_json(Json(listing.rows))
                              : format_table(listing.columns, listing.rows));
  }
  return base::kExitSuccess;
}

int Verbs::write(const std::string& verb, const std::string& catalog_url) const {
  const Noun& noun = find_noun(noun_);
  const Arguments arguments = parse_arguments(words_);
  catalog::CatalogWriter writer(catalog_url);
  std::string done;
  if (verb == "add")
    done = noun.add(writer, arguments);
  else if (verb == "edit")
    done = noun.edit(writer, arguments);
  else if (verb == "remove")
    done = noun.remove(writer, arguments,
                       is_recursive_ ? catalog::Dependents::kRemove : catalog::Dependents::kRefuse);
  else
    done = noun.set_enabled(writer, arguments, verb == "enable");
  if (is_dry_run_)
    writer.check();
  else
    writer.commit();
  std::cout << done << '\n';
  if (is_dry_run_) std::cout << "dry run: nothing was changed\n";
  return base::kExitSuccess;
}

std::string nouns_help() {
  std::string text;
  for (const auto& noun : all_nouns()) text += noun->help();
  text.pop_back();  // the section ends with a line feed of its own
  return text;
}

}  // namespace mirrorway::admin
