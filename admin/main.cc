#include <iostream>

#include <CLI/CLI.hpp>

#include "admin/copy_command.h"
#include "admin/import_command.h"
#include "admin/mirrormanager_command.h"
#include "admin/network_command.h"
#include "admin/noun.h"
#include "admin/verbs.h"
#include "admin/why.h"
#include "common/base/options.h"
#include "common/catalog/catalog_url.h"
#include "common/catalog/schema.h"
#include "common/selection/policy_options.h"

namespace mirrorway::admin {
namespace {

int run_init(const std::string& catalog_url) {
  switch (catalog::init_catalog(catalog_url)) {
    case catalog::InitResult::kCreated:
      std::cout << "catalog made, schema version " << catalog::kSchemaVersion << '\n';
      break;
    case catalog::InitResult::kUpgraded:
      std::cout << "catalog brought up to schema version " << catalog::kSchemaVersion << '\n';
      break;
    case catalog::InitResult::kAlreadyCurrent:
      std::cout << "catalog is there already, schema version " << catalog::kSchemaVersion
                << "; nothing was changed\n";
      break;
  }
  return base::kExitSuccess;
}

CLI::App* declare_inventory(CLI::App* import, ImportSettings& settings) {
  CLI::App* inventory = import->add_subcommand(
      "inventory", "Mirrors, one JSON object a line, and their repositories");
  inventory->add_option("FILE", settings.inventory, "The inventory, JSON lines")->required();
  inventory->add_option("--repositories", settings.repositories, "Versions and repositories, JSON")
      ->type_name("FILE")
      ->required();
  inventory
      ->add_option("--category", settings.category,
                   "Category that the mirrors carry [the file's name without \"-mirrors\"]")
      ->type_name("NAME");
  inventory
      ->add_option("--top-directory", settings.top_directory,
                   "Top directory of a new category [its name]")
      ->type_name("PATH");
  inventory->add_flag("--any-netblocks", settings.allows_any_netblocks,
                      "Let its hosts have large, private and reserved netblocks, now and later");
  inventory->add_flag("--strict", settings.is_strict, "Import nothing when any line is refused");
  inventory->add_flag("--dry-run", settings.is_dry_run, "Do everything, then change nothing");
  return inventory;
}

CLI::App* declare_states(CLI::App* import, StatesSettings& settings) {
  CLI::App* states = import->add_subcommand("directory-states",
                                            "What a crawler found on one host, a directory a line");
  states->add_option("--host", settings.host, "The host")->type_name("NAME")->required();
  states->add_option("FILE", settings.file, "up-to-date PATH or outdated PATH a line")->required();
  states->add_flag("--strict", settings.is_strict, "Import nothing when any line is refused");
  states->add_flag("--dry-run", settings.is_dry_run, "Do everything, then change nothing");
  return states;
}

CLI::App* declare_mirrormanager(CLI::App* import, MirrormanagerSettings& settings) {
  CLI::App* command = import->add_subcommand(
      "mirrormanager", "A MirrorManager 2 database in PostgreSQL, as often as you like");
  command->add_option("--from", settings.from, "The database: postgresql://USER@HOST/DATABASE")
      ->type_name("URL")
      ->required();
  command->add_flag("--resolve", settings.resolves_names,
                    "Look DNS names among the netblocks up, as MirrorManager does");
  command->add_flag("--dry-run", settings.is_dry_run, "Do everything, then change nothing");
  return command;
}

CLI::App* declare_copy(CLI::App& app, CopySettings& settings) {
  CLI::App* copy = app.add_subcommand(
      "copy", "Move a catalog to another database, and read it back to compare both");
  copy->add_option("--from", settings.from, "The catalog to be read")->type_name("URL")->required();
  copy->add_option("--to", settings.to, "Where it goes: a new or empty catalog")
      ->type_name("URL")
      ->required();
  return copy;
}

CLI::App* declare_why(CLI::App& app, WhySettings& settings) {
  CLI::App* why = app.add_subcommand(
      "why", "Say what a client is answered, and why each host is in it or not; from a snapshot");
  why->add_option("ADDRESS", settings.address, "The client")->required();
  why->add_option("QUESTION", settings.question,
                  "As in a URL: repo=NAME arch=NAME, or path=PATH; also country=, protocol=, "
                  "netblock=")
      ->required();
  why->add_flag("--json", settings.is_json, "What explain=1 answers");
  why->add_flag("--private", settings.names_private,
                "Name the private hosts that were left out, too");
  return why;
}

int run(int argc, char** argv) {
  std::string catalog_url(catalog::kDefaultCatalogUrl);
  ImportSettings import_settings;
  base::Options options("mirror_admin", "Runs a mirror network: the catalog's command line");
  options.add("catalog", catalog_url, "URL",
              fmt::format("The catalog: {}", catalog::kCatalogUrlForms));
  NetworkSettings network_settings;
  options.add("max-loss", network_settings.max_loss, "SHARE",
              "An import of networks, clouds or continents that has so much less than the catalog "
              "is refused");
  options.add("bgpdump", network_settings.bgpdump, "PROGRAM",
              "What reads routing tables for import asn and import research");
  WhySettings why_settings;
  selection::PolicySettings policy;
  options.add("snapshot", why_settings.snapshot, "FILE", "The snapshot, for why");
  options.add("geoip", why_settings.geoip, "FILE",
              "Geolocation file, for why; may be given several times");
  declare_policy(options, policy);
  CLI::App& app = options.app();
  app.require_subcommand(1);
  CLI::App* init = app.add_subcommand("init", "Make the catalog, or bring an older one up to date");
  CLI::App* import =
      app.add_subcommand("import", "Read whole tables from files or from MirrorManager");
  import->require_subcommand(1);
  const CLI::App* inventory = declare_inventory(import, import_settings);
  StatesSettings states_settings;
  const CLI::App* states = declare_states(import, states_settings);
  MirrormanagerSettings mirrormanager_settings;
  const CLI::App* mirrormanager = declare_mirrormanager(import, mirrormanager_settings);
  const NetworkCommands networks(*import, network_settings);
  CopySettings copy_settings;
  const CLI::App* copy = declare_copy(app, copy_settings);
  CLI::App* why = declare_why(app, why_settings);
  const Verbs verbs(app);
  std::vector<std::string> nouns;
  for (const auto& noun : all_nouns()) nouns.push_back(noun->name());
  options.add_words("NOUN", std::move(nouns));
  options.add_section("Nouns", nouns_help());
  options.add_section("Examples",
                      "mirror_admin add site Example url=https://www.example.org\n"
                      "mirror_admin add host m1.example.org site=Example country=DE asns=680,3320\n"
                      "mirror_admin add category linux top_directory=pub/linux\n"
                      "mirror_admin add url m1 linux https://m1.example.org/linux\n"
                      "mirror_admin edit carriage m1 linux always_up_to_date=yes\n"
                      "mirror_admin add repository core-9 x86_64 category=linux "
                      "directory=pub/linux/9/core/x86_64\n"
                      "mirror_admin edit host m1 bandwidth=10000 city=\n"
                      "mirror_admin edit country TR continent=EU\n"
                      "mirror_admin add file linux/9/core/x86_64/repodata repomd.xml "
                      "from=/srv/master/linux/9/core/x86_64/repodata/repomd.xml\n"
                      "mirror_admin disable host m1\n"
                      "mirror_admin edit host m2 cloud=aws:eu-central-1,aws:eu-west-1\n"
                      "mirror_admin import cloud aws ip-ranges.json\n"
                      "mirror_admin import asn rib.20260101.0000.bz2 latest-bview.gz\n"
                      "mirror_admin import research rib.bz2 --through 11537,20965\n"
                      "mirror_admin import mirrormanager "
                      "--from postgresql://mirrormanager@db.example.org/mirrormanager2\n"
                      "mirror_admin copy --from sqlite:///var/lib/mirrorway/catalog.db "
                      "--to postgresql://mirrorway@db.example.org/mirrorway\n"
                      "mirror_admin why 192.0.2.1 repo=core-9 arch=x86_64");
  options.add_section("Exit status",
                      "0  done\n"
                      "1  failed, or the name is unknown or ambiguous; nothing was changed\n"
                      "2  wrong usage or configuration");
  if (const auto status = options.parse(argc, argv)) return *status;
  if (init->parsed()) return run_init(catalog_url);
  if (inventory->parsed()) return run_import(catalog_url, import_settings);
  if (states->parsed()) return run_import_states(catalog_url, states_settings);
  if (mirrormanager->parsed()) return run_import_mirrormanager(catalog_url, mirrormanager_settings);
  if (networks.is_given()) return networks.run(catalog_url);
  if (copy->parsed()) return run_copy(copy_settings);
  if (why->parsed()) return run_why(why_settings, policy.policy);
  return verbs.run(catalog_url).value();
}

}  // namespace
}  // namespace mirrorway::admin

int main(int argc, char** argv) {
  return mirrorway::base::run_main("mirror_admin",
                                   [&] { return mirrorway::admin::run(argc, argv); });
}
