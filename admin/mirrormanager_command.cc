#include "admin/mirrormanager_command.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

#include "admin/mirrormanager_import.h"
#include "common/base/options.h"

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

std::string describe(std::string_view what, const Tally& tally) {
  return fmt::format("  {:<13} {:>6}  {} new, {} updated, {} unchanged\n", what, tally.named(),
                     tally.added, tally.updated, tally.unchanged);
}

std::string list(const std::vector<std::string>& names) {
  constexpr std::size_t kMaxListed = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMaxListed); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMaxListed) text += fmt::format(" and {} more", names.size() - kMaxListed);
  return text;
}

void print_summary(const MirrormanagerReport& report) {
  std::string text;
  text += describe("sites", report.sites);
  text += describe("hosts", report.hosts);
  text += describe("categories", report.categories);
  text += describe("carriages", report.carriages);
  text += describe("directories", report.directories);
  text += fmt::format("  {:<13} {:>6}  {} written, {} unchanged\n", "states", report.states,
                      report.written_states, report.states - report.written_states);
  text += describe("repositories", report.repositories);
  text += describe("redirects", report.redirects);
  text += describe("file versions", report.files);
  text += describe("continents", report.continents);
  text += describe("netblocks", report.netblock_countries);
  if (!report.never_answered.empty())
    text += fmt::format(
        "{} private hosts have neither ASN, netblock nor cloud and are never answered: {}\n",
        report.never_answered.size(), list(report.never_answered));
  if (!report.kept_hosts.empty())
    text += fmt::format("{} hosts are kept though MirrorManager does not have them: {}\n",
                        report.kept_hosts.size(), list(report.kept_hosts));
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
