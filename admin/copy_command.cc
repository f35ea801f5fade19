#include "admin/copy_command.h"

#include <unistd.h>

#include <chrono>
#include <iostream>

#include "common/base/options.h"
#include "common/catalog/copy.h"

namespace mirrorway::admin {
namespace {

// One line on a terminal, written over and over.
class ProgressLine {
 public:
  ~ProgressLine() {
    if (is_shown_) std::cerr << kClear << std::flush;
  }

  void show(const catalog::CopyProgress& progress) {
    constexpr std::chrono::milliseconds kPause{200};
    const auto now = std::chrono::steady_clock::now();
    if (!is_terminal_ || now - shown_at_ < kPause) return;
    shown_at_ = now;
    is_shown_ = true;
    std::cerr << kClear
              << fmt::format("{}: {} of {} rows, {}",
                             progress.is_verifying ? "verifying" : "copying", progress.rows,
                             progress.total, progress.table)
              << std::flush;
  }

 private:
  static constexpr const char* kClear = "\r\033[K";

  bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point shown_at_;
};

}  // namespace

int run_copy(const CopySettings& settings) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<catalog::CopiedTable> tables;
  {
    ProgressLine line;
    tables =
        catalog::copy_catalog(settings.from, settings.to,
                              [&](const catalog::CopyProgress& progress) { line.show(progress); });
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
