#include "admin/mirrormanager/import.h"

#include <map>
#include <set>
#include <utility>

#include "admin/mirrormanager/move.h"
#include "admin/netblock_remarks.h"
#include "common/base/text.h"
#include "common/net/loose_netblock.h"

namespace mirrorway::admin {
namespace {

namespace mm = catalog::mirrormanager;

std::set<net::CountryCode> codes_of(const std::vector<catalog::Country>& countries) {
  std::set<net::CountryCode> codes;
  for (const catalog::Country& country : countries) codes.insert(country.code);
  return codes;
}

class GeographyMover {
 public:
  explicit GeographyMover(const Move& move) : move_(move) {}

  void run() {
    write_continents();
    write_netblock_countries();
  }

 private:
  void write_continents() {
    std::map<net::CountryCode, catalog::Country> existing;
    for (const catalog::Country& country : move_.writer.countries())
      existing.emplace(country.code, country);
    for (const mm::Pair& row : move_.source.continents()) {
      constexpr std::string_view kKind =
          "continents of countries left out, as country or continent is unknown";
      const auto code = move_.rows.country(row.key, kKind, row.value);
      if (!code) continue;
      const auto continent = net::find_continent(base::upper_ascii(base::trim(row.value)));
      catalog::Country wanted = existing.at(*code);
      if (!continent) {
        remarks().add(kKind, "\"{}\" of {}", base::shown(row.value), code->text());
      } else if (wanted.effective_continent() == *continent) {
        ++move_.report.continents.unchanged;
      } else {
        wanted.override_continent = continent;
        move_.writer.update(wanted);
        existing.insert_or_assign(*code, wanted);
        ++move_.report.continents.updated;
      }
    }
  }

  void write_netblock_countries() {
    std::map<net::Prefix, net::CountryCode> existing;
    for (const catalog::NetblockCountry& entry : move_.writer.netblock_countries())
      existing.emplace(entry.netblock, entry.country);
    std::map<net::Prefix, net::CountryCode> taken;
    for (const mm::Pair& row : move_.source.netblock_countries()) {
      constexpr std::string_view kKind =
          "countries of netblocks left out, as netblock or country cannot be read";
      const auto netblock = net::parse_loose_netblock(base::trim(row.key));
      if (!netblock) {
        remarks().add(kKind, "{}", base::shown(row.key));
        continue;
      }
      const auto code = move_.rows.country(row.value, kKind, row.key);
      if (!code) continue;
      const auto [first, is_new] = taken.emplace(netblock->prefix, *code);
      if (!is_new) {
        if (first->second != *code)
          remarks().add(
              "countries of netblocks left out, as the netblock has another one in a row before",
              "{} of {}, which has {}", code->text(), netblock->prefix.text(),
              first->second.text());
        continue;
      }
      const net::CountryCode* const known = find_row(existing, netblock->prefix);
      settle_pair(move_.writer, known, known != nullptr && *known == *code,
                  catalog::NetblockCountry{netblock->prefix, *code},
                  move_.report.netblock_countries);
    }
  }

  base::Remarks& remarks() { return move_.report.remarks; }

  const Move& move_;
};

void tell_left_out(const mm::Reader& source, base::Remarks& remarks) {
  for (const mm::LeftOut& rows : source.left_out()) {
    if (rows.example) remarks.add(rows.kind, "{}", base::shown(*rows.example));
    remarks.add_count(rows.kind, rows.count - (rows.example ? 1 : 0));
  }
}

}  // namespace

MirrormanagerReport import_mirrormanager(catalog::CatalogWriter& writer, const mm::Reader& source,
                                         Resolver resolve, const MirrormanagerProgress& progress) {
  MirrormanagerReport report;
  tell_left_out(source, report.remarks);
  RowReader rows(codes_of(writer.countries()), std::move(resolve), report.remarks);
  Moved moved;
  const Move move{writer, source, rows, report, moved, progress};
  move_hosts(move);
  move_content(move);
  GeographyMover(move).run();
  std::vector<catalog::HostId> hosts;
  hosts.reserve(moved.hosts.size());
  for (const auto& [id, host] : moved.hosts) hosts.push_back(host);
  report.network_remarks = network_remarks(writer, hosts);
  return report;
}

}  // namespace mirrorway::admin
