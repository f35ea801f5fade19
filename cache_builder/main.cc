#include <chrono>
#include <iostream>
#include <optional>

#include <CLI/CLI.hpp>

#include "cache_builder/assemble.h"
#include "cache_builder/diff_command.h"
#include "cache_builder/exit_status.h"
#include "cache_builder/if_changed.h"
#include "cache_builder/inspect.h"
#include "cache_builder/mirrormanager/command.h"
#include "cache_builder/publish.h"
#include "cache_builder/rollback.h"
#include "common/base/file.h"
#include "common/base/options.h"
#include "common/base/terminal.h"
#include "common/catalog/catalog_option.h"
#include "common/catalog/catalog_url.h"
#include "common/snapshot/file.h"

namespace mirrorway::cache_builder {
namespace {

struct Settings {
  std::string catalog_url{catalog::kDefaultCatalogUrl};
  PublishSettings publish;
  std::string file;
  bool wants_json = false;
  DiffSettings diff;
  RollbackSettings rollback;
  std::string hold_reason;
  bool only_if_changed = false;
  ImportSettings to_import;
  ExportSettings to_export;
};

int build(const Settings& settings) {
  const auto start = std::chrono::steady_clock::now();
  Publication publication(settings.publish, "build");
  std::optional<catalog::CatalogReader> reader(settings.catalog_url);
  if (settings.only_if_changed && is_built_from(settings.publish.output, reader->state())) {
    std::cout << "nothing has changed since the snapshot in place was built; it is left alone\n";
    return base::kExitSuccess;
  }
  publication.read_in_place();
  base::ProgressLine progress;
  progress.show_step("reading the catalog", 0, 1);
  const proto::Snapshot snapshot =
      assemble(*reader, [&](std::uint64_t done, std::uint64_t directories) {
        progress.show("reading the catalog", done, directories);
      });
  reader.reset();
  progress.show_step("writing it down and checking it", 1, 1);
  const snapshot::FileEncoder encoder = [&] {
    try {
      return snapshot::FileEncoder(snapshot);
    } catch (const base::Error& error) {
      throw base::Error("nothing was published, as the catalog makes no good snapshot: {}",
                        error.what());
    }
  }();
  progress.wipe();  // what follows has something to say
  publication.publish(snapshot, encoder);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::cout << fmt::format("{} hosts, {} directories, {} repositories, {} bytes, {:.2f} seconds\n",
                           snapshot.hosts_size(), snapshot.directories_size(),
                           snapshot.repositories_size(), encoder.size(), taken.count());
  return base::kExitSuccess;
}

int inspect(const Settings& settings) {
  const std::string bytes = base::read_file(settings.file, snapshot::kMaxSnapshotBytes);
  try {
    std::cout << (settings.wants_json ? inspect_as_json(bytes) : inspect_as_text(bytes));
  } catch (const base::Error& error) {
    throw base::Error("{}: {}", settings.file, error.what());
  }
  return base::kExitSuccess;
}

void add_publish_flags(CLI::App& command, PublishSettings& settings) {
  command.add_flag("--force", settings.is_forced, "Publish whatever guards and a hold say");
  command.add_flag("--dry-run", settings.is_dry_run, "Do everything but publish");
}

CLI::App* add_build_command(CLI::App& app, Settings& settings) {
  CLI::App* command = app.add_subcommand(
      "build", "Read the catalog and put the snapshot in place of the old one, at once");
  add_publish_flags(*command, settings.publish);
  command->add_flag("--if-changed", settings.only_if_changed,
                    "Do nothing when the snapshot in place is of this catalog already");
  return command;
}

CLI::App* add_inspect_command(CLI::App& app, Settings& settings) {
  CLI::App* command = app.add_subcommand("inspect", "Show what a snapshot file holds");
  command->add_option("FILE", settings.file, "The snapshot")->required();
  command->add_flag("--json", settings.wants_json, "Everything, as JSON");
  return command;
}

CLI::App* add_diff_command(CLI::App& app, DiffSettings& settings) {
  CLI::App* command = app.add_subcommand("diff", "Say what changed from one snapshot to another");
  command->add_option("A", settings.before, "The older snapshot")->type_name("FILE")->required();
  command->add_option("B", settings.after, "The newer snapshot")->type_name("FILE")->required();
  command->add_flag("--all", settings.wants_all, "Cut no list short");
  command->add_flag("--json", settings.wants_json, "Everything, as JSON");
  return command;
}

CLI::App* add_rollback_command(CLI::App& app, RollbackSettings& rollback,
                               PublishSettings& settings) {
  CLI::App* command =
      app.add_subcommand("rollback", "Put the snapshot before back in place, and builds on hold");
  command->add_option("--to", rollback.number, "The one of this number, as history shows it")
      ->type_name("N");
  command->add_flag("--no-hold", rollback.lets_builds_go_on, "Let the next build replace it");
  add_publish_flags(*command, settings);
  return command;
}

CLI::App* add_import_command(CLI::App& app, ImportSettings& settings, PublishSettings& publish) {
  CLI::App* command = app.add_subcommand(
      "import-mirrormanager", "Read MirrorManager's cache and put a snapshot of it in place");
  add_publish_flags(*command, publish);
  command
      ->add_option("--cache", settings.cache, "mirrorlist_cache.proto, as MirrorManager builds it")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--netblocks", settings.netblocks, "global_netblocks.txt: \"CIDR ASN\" per line")
      ->type_name("FILE");
  command
      ->add_option("--country-continent", settings.country_continent,
                   "\"CC,CONTINENT\" per line [built in]")
      ->type_name("FILE");
  return command;
}

CLI::App* add_export_command(CLI::App& app, ExportSettings& settings) {
  CLI::App* command = app.add_subcommand(
      "export-mirrormanager", "Write a cache for MirrorManager's server from a snapshot");
  command->add_option("--snapshot", settings.snapshot, "The snapshot")
      ->type_name("FILE")
      ->required();
  command->add_option("--cache", settings.cache, "Where the cache is published")
      ->type_name("FILE")
      ->required();
  command->add_option("--netblocks", settings.netblocks, "Where global_netblocks.txt is published")
      ->type_name("FILE");
  return command;
}

int run(int argc, char** argv) {
  Settings settings;
  base::Options options("cache_builder", "Builds the snapshot that mirrorlist_server answers from");
  catalog::declare_catalog(options, settings.catalog_url);
  declare_publishing(options, settings.publish);
  CLI::App& app = options.app();
  app.require_subcommand(1);
  const CLI::App* build_command = add_build_command(app, settings);
  const CLI::App* inspect_command = add_inspect_command(app, settings);
  const CLI::App* diff_command = add_diff_command(app, settings.diff);
  const CLI::App* history_command = app.add_subcommand(
      "history", "List the earlier snapshots that are kept, and what is in place");
  const CLI::App* rollback_command = add_rollback_command(app, settings.rollback, settings.publish);
  CLI::App* hold_command = app.add_subcommand("hold", "Let no build publish until release");
  hold_command->add_option("REASON", settings.hold_reason, "What builds say then");
  const CLI::App* release_command = app.add_subcommand("release", "End a hold");
  const CLI::App* import_command = add_import_command(app, settings.to_import, settings.publish);
  const CLI::App* export_command = add_export_command(app, settings.to_export);
  options.add_section("Files",
                      "FILE           what --output says: the snapshot in place\n"
                      "FILE.kept/     earlier ones, by number\n"
                      "FILE.refused   the last one that was refused, for diff\n"
                      "FILE.hold      why builds are on hold; without it they are not\n"
                      "FILE.lock      who is publishing");
  options.add_section("Exit status",
                      "0  done; of diff: nothing changed\n"
                      "1  failed; the file that was in place is untouched\n"
                      "2  wrong usage or configuration\n"
                      "3  not published: it lost more than --max-loss, or a probe failed\n"
                      "4  not done: another build or rollback is running, which after hold may "
                      "still publish\n"
                      "5  not published: builds are on hold\n"
                      "6  of diff: something changed");
  if (const auto status = options.parse(argc, argv)) return *status;
  if (build_command->parsed()) return build(settings);
  if (inspect_command->parsed()) return inspect(settings);
  if (diff_command->parsed()) return run_diff(settings.diff);
  if (history_command->parsed()) return run_history(settings.publish.output);
  if (rollback_command->parsed()) return run_rollback(settings.publish, settings.rollback);
  if (hold_command->parsed()) return run_hold(settings.publish, settings.hold_reason);
  if (release_command->parsed()) return run_release(settings.publish.output);
  if (import_command->parsed()) return run_import(settings.to_import, settings.publish);
  MIRRORWAY_ASSERT(export_command->parsed());
  return run_export(settings.to_export);
}

}  // namespace
}  // namespace mirrorway::cache_builder

int main(int argc, char** argv) {
  return mirrorway::base::run_main("cache_builder",
                                   [&] { return mirrorway::cache_builder::run(argc, argv); });
}
