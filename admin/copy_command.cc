#include "admin/copy_command.h"

#include <chrono>
#include <iostream>

#include "common/base/options.h"
#include "common/base/terminal.h"
#include "common/catalog/copy.h"

namespace mirrorway::admin {

int run_copy(const CopySettings& settings) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<catalog::CopiedTable> tables;
  {
    base::ProgressLine line;
    line.show_step("looking at both catalogs", 0, 1);
    tables = catalog::copy_catalog(
        settings.from, settings.to, [&](const catalog::CopyProgress& progress) {
          const char* const what = progress.is_verifying ? "verifying" : "copying";
          line.show(fmt::format("{} {}", what, progress.table), progress.rows, progress.total);
        });
  }
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
