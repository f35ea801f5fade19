#include "admin/mirrormanager_command.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <iostream>
#include <memory>

#include "admin/mirrormanager_import.h"
#include "common/base/options.h"
#include "common/base/text.h"

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
  text += fmt::format("  {:<13} {:>6}  {} written, {} unchanged\n", "states", report.states,
                      report.written_states, report.states - report.written_states);
  text += report.repositories.describe("repositories");
  text += report.redirects.describe("redirects");
  text += report.files.describe("file versions");
  text += report.continents.describe("continents");
  text += report.netblock_countries.describe("netblocks");
  if (!report.never_answered.empty())
    text += fmt::format(
        "{} private hosts have neither ASN, netblock nor cloud and are never answered: {}\n",
        report.never_answered.size(),
        base::join_some(report.never_answered, kMaxListedHosts, ", "));
  if (!report.kept_hosts.empty())
    text += fmt::format("{} hosts are kept though MirrorManager does not have them: {}\n",
                        report.kept_hosts.size(),
                        base::join_some(report.kept_hosts, kMaxListedHosts, ", "));
  std::cout << text;
}

}  // namespace

int run_import_mirrormanager(const std::string& catalog_url,
                             const MirrormanagerSettings& settings) {
  const catalog::mirrormanager::Reader source(settings.from);
  catalog::CatalogWriter writer(catalog_url);
  const auto report =
      import_mirrormanager(writer, source, settings.resolves_names ? look_up : Resolver());
  for (const std::string& line : report.remarks.lines()) std::cerr << "remark: " << line << '\n';
  print_summary(report);
  if (settings.is_dry_run) {
    writer.check();
    std::cout << "dry run: nothing was changed\n";
  } else {
    writer.commit();
  }
  return base::kExitSuccess;
}

}  // namespace mirrorway::admin
