#include "admin/import_command.h"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <optional>

#include "admin/directory_states.h"
#include "admin/import.h"
#include "admin/names.h"
#include "common/base/file.h"
#include "common/base/options.h"
#include "common/base/terminal.h"
#include "common/base/text.h"

namespace mirrorway::admin {
namespace {

std::string default_category(const std::string& inventory) {
  constexpr std::string_view kEnding = "-mirrors";
  std::string stem = std::filesystem::path(inventory).stem().string();
  if (stem.size() > kEnding.size() && stem.ends_with(kEnding))
    stem.resize(stem.size() - kEnding.size());
  return stem;
}

void print_notes(const std::string& file, std::string_view what,
                 const std::vector<LineNote>& notes) {
  for (const LineNote& note : notes)
    std::cerr << fmt::format("{}:{}: {}: {}\n", file, note.line, what, note.text);
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
  if (!report.never_answered.empty())
    text += fmt::format(
        "{} private mirrors have neither ASN, netblock nor cloud and are never answered: {}\n",
        report.never_answered.size(),
        base::join_some(report.never_answered, kMaxListedHosts, ", "));
  if (!report.kept_hosts.empty())
    text += fmt::format("{} hosts are kept though no longer in the inventory: {}\n",
                        report.kept_hosts.size(),
                        base::join_some(report.kept_hosts, kMaxListedHosts, ", "));
  std::cout << text;
}

// Commits, unless the settings say otherwise. Returns the exit status.
int finish(catalog::CatalogWriter& writer, const auto& settings,
           const std::vector<LineNote>& refused) {
  if (settings.is_strict && !refused.empty()) {
    std::cerr << "mirror_admin: nothing was imported: --strict, and lines were refused\n";
    return base::kExitFailure;
  }
  if (settings.is_dry_run) {
    writer.check();
    std::cout << "dry run: nothing was changed\n";
  } else {
    writer.commit();
  }
  return base::kExitSuccess;
}

}  // namespace

int run_import(const std::string& catalog_url, const ImportSettings& settings) {
  const auto repositories =
      parse_repositories_file(base::read_file(settings.repositories, kMaxRepositoriesFileBytes))
          .or_throw(settings.repositories);
  const std::string inventory = base::read_file(settings.inventory, kMaxInventoryFileBytes);
  catalog::CatalogWriter writer(catalog_url);
  std::optional<base::ProgressLine> progress(std::in_place);
  const ImportReport report = import_inventory(
      writer, {inventory, repositories,
               settings.category.empty() ? default_category(settings.inventory) : settings.category,
               settings.top_directory, settings.allows_any_netblocks,
               [&](std::size_t done, std::size_t total) {
                 progress->show("importing mirrors", done, total);
               }});
  progress.reset();
  print_notes(settings.inventory, "refused", report.refused);
  print_notes(settings.inventory, "remark", report.remarks);
  for (const std::string& remark : report.plan_remarks)
    std::cerr << fmt::format("{}: remark: {}\n", settings.repositories, remark);
  for (const std::string& remark : report.network_remarks)
    std::cerr << fmt::format("remark: {}\n", remark);
  print_summary(report);
  return finish(writer, settings, report.refused);
}

int run_import_states(const std::string& catalog_url, const StatesSettings& settings) {
  const std::string text = base::read_file(settings.file, kMaxStatesFileBytes);
  catalog::CatalogWriter writer(catalog_url);
  Names names(writer);
  const catalog::HostId host = names.find_host(settings.host);
  const StatesReport report = import_states(writer, host, text);
  print_notes(settings.file, "refused", report.refused);
  if (report.kept() == 0)
    throw base::Error("{}: no line that could be used; nothing was changed", settings.file);
  std::cout << fmt::format("{}: {} directories stated, {} changed, {} lines refused\n",
                           names.full_host(host), report.kept(), report.changed,
                           report.refused.size());
  return finish(writer, settings, report.refused);
}

}  // namespace mirrorway::admin
