#include <iostream>

#include <CLI/CLI.hpp>

#include "admin/copy_command.h"
#include "admin/directory_states_command.h"
#include "admin/inventory/command.h"
#include "admin/mirrormanager/command.h"
#include "admin/networks/command.h"
#include "admin/nouns/noun.h"
#include "admin/nouns/verbs.h"
#include "admin/why.h"
#include "common/base/options.h"
#include "common/catalog/catalog_option.h"
#include "common/catalog/catalog_url.h"
#include "common/catalog/schema.h"

namespace mirrorway::admin {
namespace {

constexpr const char* kExamples =
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
    "mirror_admin why 192.0.2.1 repo=core-9 arch=x86_64";

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

std::vector<std::string> noun_names() {
  std::vector<std::string> names;
  for (const auto& noun : all_nouns()) names.push_back(noun->name());
  return names;
}

int run(int argc, char** argv) {
  std::string catalog_url(catalog::kDefaultCatalogUrl);
  base::Options options("mirror_admin", "Runs a mirror network: the catalog's command line");
  catalog::declare_catalog(options, catalog_url);
  CLI::App& app = options.app();
  app.require_subcommand(1);
  const CLI::App* const init =
      app.add_subcommand("init", "Make the catalog, or bring an older one up to date");
  CLI::App& import =
      *app.add_subcommand("import", "Read whole tables from files or from MirrorManager");
  import.require_subcommand(1);
  InventoryCommand inventory(import);
  DirectoryStatesCommand states(import);
  MirrormanagerCommand mirrormanager(import);
  NetworkCommands networks(import, options);
  CopyCommand copy(app);
  WhyCommand why(options);
  Verbs verbs(app);
  options.add_words("NOUN", noun_names());
  options.add_section("Nouns", nouns_help());
  options.add_section("Examples", kExamples);
  options.add_section("Exit status",
                      "0  done\n"
                      "1  failed, or the name is unknown or ambiguous; nothing was changed\n"
                      "2  wrong usage or configuration");
  if (const auto status = options.parse(argc, argv)) return *status;
  if (init->parsed()) return run_init(catalog_url);
  if (const auto status = inventory.run(catalog_url)) return *status;
  if (const auto status = states.run(catalog_url)) return *status;
  if (const auto status = mirrormanager.run(catalog_url)) return *status;
  if (const auto status = networks.run(catalog_url)) return *status;
  if (const auto status = copy.run()) return *status;
  if (const auto status = why.run()) return *status;
  return verbs.run(catalog_url).value();
}

}  // namespace
}  // namespace mirrorway::admin

int main(int argc, char** argv) {
  return mirrorway::base::run_main("mirror_admin",
                                   [&] { return mirrorway::admin::run(argc, argv); });
}
