#include "admin/mirrormanager/command.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "admin/mirrormanager/import.h"
#include "common/base/options.h"
#include "common/base/terminal.h"

namespace mirrorway::admin {
namespace {

// What the system says, in whatever order; names of few hosts are asked for.
std::vector<net::Address> look_up(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;  // each address once
  addrinfo* raw = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &raw) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found{raw, ::freeaddrinfo};
  std::vector<net::Address> addresses;
  for (const addrinfo* at = raw; at != nullptr; at = at->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(at->ai_addr, at->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) != 0)
      continue;
    if (const auto address = net::Address::parse(text.data())) addresses.push_back(*address);
  }
  return addresses;
}

void print_summary(const MirrormanagerReport& report) {
  std::string text;
  text += report.sites.describe("sites");
  text += report.hosts.describe("hosts");
  text += report.categories.describe("categories");
  text += report.carriages.describe("carriages");
  text += report.directories.describe("directories");
  text += fmt::format("  {:<13} {:>6}  {} written, {} unchanged", "states", report.states,
                      report.written_states, report.states - report.written_states);
  if (report.forgotten_states > 0)
    text += fmt::format("; {} no longer listed are removed", report.forgotten_states);
  text += '\n';
  text += report.repositories.describe("repositories");
  text += report.redirects.describe("redirects");
  text += report.files.describe("file versions");
  text += report.continents.describe("continents");
  text += report.netblock_countries.describe("netblocks");
  text +=
      describe_names("private hosts have neither ASN, netblock nor cloud and are never answered",
                     report.never_answered);
  text +=
      describe_names("hosts are kept though MirrorManager does not have them", report.kept_hosts);
  text += describe_names("repositories are kept though MirrorManager does not have them",
                         report.kept_repositories);
  std::cout << text;
}

}  // namespace

MirrormanagerCommand::MirrormanagerCommand(CLI::App& import)
    : command_(import.add_subcommand(
          "mirrormanager", "A MirrorManager 2 database in PostgreSQL, as often as you like")) {
  command_->add_option("--from", settings_.from, "The database: postgresql://USER@HOST/DATABASE")
      ->type_name("URL")
      ->required();
  command_->add_flag("--resolve", settings_.resolves_names,
                     "Look DNS names among the netblocks up, as MirrorManager does");
  command_->add_flag("--dry-run", settings_.is_dry_run, "Do everything, then change nothing");
}

std::optional<int> MirrormanagerCommand::run(const std::string& catalog_url) const {
  if (!command_->parsed()) return std::nullopt;
  const catalog::mirrormanager::Reader source(settings_.from);
  catalog::CatalogWriter writer(catalog_url);
  base::ProgressLine line;
  line.show_step("reading MirrorManager's database", 0, 1);
  const auto report =
      import_mirrormanager(writer, source, settings_.resolves_names ? look_up : Resolver(),
                           [&](std::string_view what, std::size_t done, std::size_t total) {
                             line.show(what, done, total);
                           });
  line.wipe();
  for (const std::string& remark : report.remarks.lines())
    std::cerr << "remark: " << remark << '\n';
  for (const std::string& remark : report.network_remarks)
    std::cerr << "remark: " << remark << '\n';
  print_summary(report);
  finish_import(writer, settings_.is_dry_run);
  return base::kExitSuccess;
}

}  // namespace mirrorway::admin
