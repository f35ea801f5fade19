#include "admin/directory_states_command.h"

#include <fmt/format.h>

#include <iostream>

#include <CLI/CLI.hpp>

#include "admin/directory_states.h"
#include "admin/names.h"
#include "common/base/file.h"
#include "common/base/options.h"
#include "common/base/terminal.h"

namespace mirrorway::admin {

DirectoryStatesCommand::DirectoryStatesCommand(CLI::App& import)
    : command_(import.add_subcommand("directory-states",
                                     "What a crawler found on one host, a directory a line")) {
  command_->add_option("--host", settings_.host, "The host")->type_name("NAME")->required();
  command_->add_option("FILE", settings_.file, "up-to-date PATH or outdated PATH a line")
      ->required();
  command_->add_flag("--strict", settings_.is_strict, "Import nothing when any line is refused");
  command_->add_flag("--dry-run", settings_.is_dry_run, "Do everything, then change nothing");
}

std::optional<int> DirectoryStatesCommand::run(const std::string& catalog_url) const {
  if (!command_->parsed()) return std::nullopt;
  const std::string text = base::read_file(settings_.file, kMaxStatesFileBytes);
  catalog::CatalogWriter writer(catalog_url);
  Names names(writer);
  const catalog::HostId host = names.find_host(settings_.host);
  base::ProgressLine progress;
  progress.show_step("importing states of directories", 0, 1);
  const StatesReport report = import_states(writer, host, text);
  progress.wipe();
  print_notes(settings_.file, "refused", report.refused);
  if (report.kept() == 0)
    throw base::Error("{}: no line that could be used; nothing was changed", settings_.file);
  std::cout << fmt::format("{}: {} directories stated, {} changed, {} lines refused\n",
                           names.full_host(host), report.kept(), report.changed,
                           report.refused.size());
  if (settings_.is_strict) require_all_lines(report.refused);
  finish_import(writer, settings_.is_dry_run);
  return base::kExitSuccess;
}

}  // namespace mirrorway::admin
