#include "admin/copy_command.h"

#include <chrono>
#include <iostream>

#include <CLI/CLI.hpp>

#include "common/base/options.h"
#include "common/base/terminal.h"
#include "common/catalog/copy.h"

namespace mirrorway::admin {

CopyCommand::CopyCommand(CLI::App& app)
    : command_(app.add_subcommand(
          "copy", "Move a catalog to another database, and read it back to compare both")) {
  command_->add_option("--from", settings_.from, "The catalog to be read")
      ->type_name("URL")
      ->required();
  command_->add_option("--to", settings_.to, "Where it goes: a new or empty catalog")
      ->type_name("URL")
      ->required();
}

std::optional<int> CopyCommand::run() const {
  if (!command_->parsed()) return std::nullopt;
  const auto start = std::chrono::steady_clock::now();
  base::ProgressLine line;
  line.show_step("looking at both catalogs", 0, 1);
  const auto tables = catalog::copy_catalog(
      settings_.from, settings_.to, [&](const catalog::CopyProgress& progress) {
        const char* const what = progress.is_verifying ? "verifying" : "copying";
        line.show(fmt::format("{} {}", what, progress.table), progress.rows, progress.total);
      });
  line.wipe();
  std::uint64_t rows = 0;
  for (const catalog::CopiedTable& table : tables) {
    std::cout << fmt::format("  {:<27} {:>9} rows  checksum {:016x}\n", table.name, table.rows,
                             table.checksum);
    rows += table.rows;
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::cout << fmt::format("{} rows copied and verified in {:.1f} seconds\n", rows, taken.count());
  return base::kExitSuccess;
}

}  // namespace mirrorway::admin
