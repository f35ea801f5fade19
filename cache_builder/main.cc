#include <chrono>
#include <iostream>

#include <CLI/CLI.hpp>

#include "cache_builder/assemble.h"
#include "cache_builder/exit_status.h"
#include "cache_builder/inspect.h"
#include "cache_builder/mirrormanager_command.h"
#include "cache_builder/publish.h"
#include "common/base/file.h"
#include "common/base/options.h"
#include "common/catalog/catalog_url.h"
#include "common/snapshot/file.h"

namespace mirrorway::cache_builder {
namespace {

struct Settings {
  std::string catalog_url{catalog::kDefaultCatalogUrl};
  PublishSettings publish;
  std::string file;
  bool wants_json = false;
  ImportSettings to_import;
  ExportSettings to_export;
};

int build(const Settings& settings) {
  const auto start = std::chrono::steady_clock::now();
  Publication publication(settings.publish, "build");
  const proto::Snapshot snapshot = assemble(catalog::CatalogReader(settings.catalog_url));
  std::string bytes;
  try {
    bytes = snapshot::encode_file(snapshot);
  } catch (const base::Error& error) {
    throw base::Error("nothing was published, as the catalog makes no good snapshot: {}",
                      error.what());
  }
  publication.publish(snapshot, bytes);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::cout << fmt::format("{} hosts, {} directories, {} repositories, {} bytes, {:.2f} seconds\n",
                           snapshot.hosts_size(), snapshot.directories_size(),
                           snapshot.repositories_size(), bytes.size(), taken.count());
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

CLI::App* add_import_command(CLI::App& app, ImportSettings& settings) {
  CLI::App* command = app.add_subcommand(
      "import-mirrormanager", "Read MirrorManager's cache and put a snapshot of it in place");
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
  options.add("catalog", settings.catalog_url, "URL",
              "The catalog: sqlite:///ABSOLUTE/PATH or sqlite:PATH");
  options.add("output", settings.publish.output, "FILE", "Where the snapshot is published");
  options.add("lock-wait", settings.publish.lock_wait,
              "How long to wait for another build or rollback to end");
  CLI::App& app = options.app();
  app.require_subcommand(1);
  CLI::App* build_command = app.add_subcommand(
      "build", "Read the catalog and put the snapshot in place of the old one, at once");
  CLI::App* inspect_command = app.add_subcommand("inspect", "Show what a snapshot file holds");
  inspect_command->add_option("FILE", settings.file, "The snapshot")->required();
  inspect_command->add_flag("--json", settings.wants_json, "Everything, as JSON");
  const CLI::App* import_command = add_import_command(app, settings.to_import);
  const CLI::App* export_command = add_export_command(app, settings.to_export);
  options.add_section("Exit status",
                      "0  done\n"
                      "1  failed; the file that was in place is untouched\n"
                      "2  wrong usage or configuration\n"
                      "4  not done, as another build or rollback is running");
  if (const auto status = options.parse(argc, argv)) return *status;
  if (import_command->parsed()) return run_import(settings.to_import, settings.publish);
  if (export_command->parsed()) return run_export(settings.to_export);
  return build_command->parsed() ? build(settings) : inspect(settings);
}

}  // namespace
}  // namespace mirrorway::cache_builder

int main(int argc, char** argv) {
  using mirrorway::cache_builder::Stopped;
  return mirrorway::base::run_main("cache_builder", [&] {
    try {
      return mirrorway::cache_builder::run(argc, argv);
    } catch (const Stopped& stopped) {
      std::cerr << "cache_builder: " << stopped.what() << '\n';
      return stopped.status();
    }
  });
}
