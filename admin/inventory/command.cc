#include "admin/inventory/command.h"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>

#include "admin/inventory/import.h"
#include "common/base/file.h"
#include "common/base/options.h"
#include "common/base/terminal.h"

namespace mirrorway::admin {
namespace {

std::string default_category(const std::string& inventory) {
  constexpr std::string_view kEnding = "-mirrors";
  std::string stem = std::filesystem::path(inventory).stem().string();
  if (stem.size() > kEnding.size() && stem.ends_with(kEnding))
    stem.resize(stem.size() - kEnding.size());
  return stem;
}

void print_summary(const ImportReport& report) {
  std::string text = fmt::format("{} mirrors read, {} kept, {} refused\n", report.read,
                                 report.kept(), report.refused.size());
  text += report.sites.describe("sites");
  text += report.hosts.describe("hosts");
  text += report.directories.describe("directories");
  text += report.repositories.describe("repositories");
  text += report.redirects.describe("redirects");
  if (report.without_country > 0)
    text += fmt::format(
        "{} mirrors state no country: only clients of their networks, and those "
        "that no closer mirror serves, get them\n",
        report.without_country);
  text +=
      describe_names("private mirrors have neither ASN, netblock nor cloud and are never answered",
                     report.never_answered);
  text += describe_names("hosts are kept though no longer in the inventory", report.kept_hosts);
  std::cout << text;
}

}  // namespace

InventoryCommand::InventoryCommand(CLI::App& import)
    : command_(import.add_subcommand("inventory",
                                     "Mirrors, one JSON object a line, and their repositories")) {
  command_->add_option("FILE", settings_.inventory, "The inventory, JSON lines")->required();
  command_->add_option("--repositories", settings_.repositories, "Versions and repositories, JSON")
      ->type_name("FILE")
      ->required();
  command_
      ->add_option("--category", settings_.category,
                   "Category that the mirrors carry [the file's name without \"-mirrors\"]")
      ->type_name("NAME");
  command_
      ->add_option("--top-directory", settings_.top_directory,
                   "Top directory of a new category [its name]")
      ->type_name("PATH");
  command_->add_flag("--any-netblocks", settings_.allows_any_netblocks,
                     "Let its hosts have large, private and reserved netblocks, now and later");
  command_->add_flag("--strict", settings_.is_strict, "Import nothing when any line is refused");
  command_->add_flag("--dry-run", settings_.is_dry_run, "Do everything, then change nothing");
}

std::optional<int> InventoryCommand::run(const std::string& catalog_url) const {
  if (!command_->parsed()) return std::nullopt;
  const auto repositories =
      parse_repositories_file(base::read_file(settings_.repositories, kMaxRepositoriesFileBytes))
          .or_throw(settings_.repositories);
  const std::string inventory = base::read_file(settings_.inventory, kMaxInventoryFileBytes);
  catalog::CatalogWriter writer(catalog_url);
  base::ProgressLine progress;
  const ImportReport report = import_inventory(
      writer,
      {inventory, repositories,
       settings_.category.empty() ? default_category(settings_.inventory) : settings_.category,
       settings_.top_directory, settings_.allows_any_netblocks,
       [&](std::size_t done, std::size_t total) {
         progress.show("importing mirrors", done, total);
       }});
  progress.wipe();
  print_notes(settings_.inventory, "refused", report.refused);
  print_notes(settings_.inventory, "remark", report.remarks);
  for (const std::string& remark : report.plan_remarks)
    std::cerr << fmt::format("{}: remark: {}\n", settings_.repositories, remark);
  for (const std::string& remark : report.network_remarks)
    std::cerr << fmt::format("remark: {}\n", remark);
  print_summary(report);
  if (settings_.is_strict) require_all_lines(report.refused);
  finish_import(writer, settings_.is_dry_run);
  return base::kExitSuccess;
}

}  // namespace mirrorway::admin
