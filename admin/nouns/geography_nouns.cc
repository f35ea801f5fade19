#include "admin/nouns/noun_of.h"

namespace mirrorway::admin {
namespace {

using catalog::CatalogReader;
using catalog::CatalogWriter;
using catalog::Dependents;

// A country has no value before it is read.
struct CountryRow {
  std::optional<catalog::Country> country;
};

Description<CountryRow> describe_country() {
  return {"country",
          "countries",
          "Which continent's hosts serve a country that has none of its own",
          1,
          1,
          {{"code", "ISO 3166 code",
            [](const CountryRow& row, Names&) -> Json { return row.country->code.text(); }, nullptr,
            Shown::kEverywhere},
           {"continent", "AF, AN, AS, EU, NA, OC or SA; empty: where geography has it",
            [](const CountryRow& row, Names&) -> Json {
              return net::continent_code(row.country->effective_continent());
            },
            [](CountryRow& row, std::string_view text, Names&) {
              row.country->override_continent.reset();
              if (text.empty()) return;
              const net::Continent continent = continent_value(text);
              if (continent != row.country->continent) row.country->override_continent = continent;
            },
            Shown::kEverywhere},
           {"overridden", "",
            [](const CountryRow& row, Names&) -> Json {
              return row.country->override_continent.has_value();
            },
            nullptr, Shown::kEverywhere}},
          {},
          [](const CatalogReader& reader) {
            std::vector<CountryRow> rows;
            for (const catalog::Country& country : reader.countries()) rows.push_back({country});
            return rows;
          },
          nullptr,
          [](CatalogWriter& writer, const CountryRow&, CountryRow& row) {
            writer.update(*row.country);
          },
          nullptr};
}

// As catalog::NetblockCountry, but made key by key.
struct NetblockRow {
  std::optional<net::Prefix> netblock;
  std::optional<net::CountryCode> country;

  catalog::NetblockCountry entry() const { return {*netblock, *country}; }
};

Description<NetblockRow> describe_netblock_country() {
  return {
      "netblock-country",
      "netblock-countries",
      "The country of a network, whatever the geolocation file says",
      1,
      2,
      {{"netblock", "Such as 192.0.2.0/24",
        [](const NetblockRow& row, Names&) -> Json { return row.netblock->text(); },
        [](NetblockRow& row, std::string_view text, Names&) {
          row.netblock = netblock_value(text);
        },
        Shown::kEverywhere},
       {"country", "ISO 3166 code",
        [](const NetblockRow& row, Names&) -> Json { return row.country->text(); },
        [](NetblockRow& row, std::string_view text, Names&) { row.country = country_value(text); },
        Shown::kEverywhere}},
      {"country"},
      [](const CatalogReader& reader) {
        auto entries = reader.netblock_countries();
        std::sort(entries.begin(), entries.end(),
                  [](const auto& a, const auto& b) { return a.netblock < b.netblock; });
        std::vector<NetblockRow> rows;
        rows.reserve(entries.size());
        for (const catalog::NetblockCountry& entry : entries)
          rows.push_back({entry.netblock, entry.country});
        return rows;
      },
      [](CatalogWriter& writer, NetblockRow& row) { writer.insert(row.entry()); },
      [](CatalogWriter& writer, const NetblockRow& before, NetblockRow& after) {
        writer.remove(before.entry());
        writer.insert(after.entry());
      },
      [](CatalogWriter& writer, const NetblockRow& row, Dependents) {
        writer.remove(row.entry());
      }};
}

struct ResearchRow {
  std::optional<net::Prefix> netblock;
};

Description<ResearchRow> describe_research_netblock() {
  return {"research-netblock",
          "research-netblocks",
          "A network whose clients are on a research network",
          1,
          1,
          {{"netblock", "Such as 192.0.2.0/24",
            [](const ResearchRow& row, Names&) -> Json { return row.netblock->text(); },
            [](ResearchRow& row, std::string_view text, Names&) {
              row.netblock = netblock_value(text);
            },
            Shown::kEverywhere}},
          {},
          [](const CatalogReader& reader) {
            std::vector<ResearchRow> rows;
            for (const net::Prefix& netblock : reader.research_netblocks())
              rows.push_back({netblock});
            return rows;
          },
          [](CatalogWriter& writer, ResearchRow& row) { writer.insert_research(*row.netblock); },
          [](CatalogWriter& writer, const ResearchRow& before, ResearchRow& after) {
            writer.remove_research(*before.netblock);
            writer.insert_research(*after.netblock);
          },
          [](CatalogWriter& writer, const ResearchRow& row, Dependents) {
            writer.remove_research(*row.netblock);
          }};
}

}  // namespace

void add_geography_nouns(Nouns& nouns) {
  add_noun(nouns, describe_country());
  add_noun(nouns, describe_netblock_country());
  add_noun(nouns, describe_research_netblock());
}

}  // namespace mirrorway::admin
