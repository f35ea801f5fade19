#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "common/catalog/writer.h"
#include "tests/support/scratch_catalog.h"

using namespace mirrorway;
using namespace mirrorway::catalog;
using tests::ScratchCatalog;

namespace {

net::Prefix netblock(const char* text) {
  return *net::Prefix::parse(text);
}

net::AsnPrefix asn(const char* text) {
  return *net::AsnPrefix::parse(text);
}

std::vector<net::AsnPrefix> asns_of(const CatalogReader& reader) {
  std::vector<net::AsnPrefix> rows;
  reader.for_each_asn([&](const net::AsnPrefix& row) { rows.push_back(row); });
  return rows;
}

std::int64_t generation(const ScratchCatalog& catalog) {
  return CatalogReader(catalog.url()).state().generation;
}

template <typename Change>
void change(const ScratchCatalog& catalog, const Change& body) {
  CatalogWriter writer(catalog.url(), ScratchCatalog::clock);
  body(writer);
  writer.commit();
}

}  // namespace

TEST_CASE("announced prefixes come back by address and length, whatever their block") {
  const ScratchCatalog catalog;
  const std::vector rows{
      asn("0.0.0.0/1 7"),          asn("2.0.0.0/7 4294967295"), asn("11.0.0.0/8 1"),
      asn("11.0.0.0/16 2"),        asn("11.255.0.0/24 3"),      asn("100.0.0.0/8 4"),
      asn("255.255.255.255/32 5"), asn("2001:678::/32 6"),      asn("2a00::/12 8"),
      asn("2a00:1::/48 9"),        asn("2a0e:1::/48 10")};
  change(catalog, [&](CatalogWriter& writer) { writer.replace_asns(rows); });
  CHECK(asns_of(CatalogReader(catalog.url())) == rows);
  CHECK(catalog.query("SELECT count(*) FROM asn_block") == std::vector<std::string>{"8"});
}

TEST_CASE("the same table again is no change, and a new one touches the blocks that differ") {
  const ScratchCatalog catalog;
  const std::vector first{asn("11.0.0.0/8 1"), asn("12.0.0.0/8 2"), asn("13.0.0.0/8 3")};
  change(catalog, [&](CatalogWriter& writer) { writer.replace_asns(first); });
  CHECK(generation(catalog) == 1);
  change(catalog, [&](CatalogWriter& writer) {
    writer.replace_asns(first);
    CHECK_FALSE(writer.has_changes());
  });
  CHECK(generation(catalog) == 1);
  const std::vector second{asn("11.0.0.0/8 1"), asn("12.0.0.0/8 20"), asn("14.0.0.0/8 4")};
  change(catalog, [&](CatalogWriter& writer) { writer.replace_asns(second); });
  CHECK(generation(catalog) == 2);
  CHECK(asns_of(CatalogReader(catalog.url())) == second);
  change(catalog, [&](CatalogWriter& writer) { writer.replace_asns({}); });
  CHECK(asns_of(CatalogReader(catalog.url())).empty());
}

TEST_CASE("a block of prefixes that somebody edited badly is named") {
  const char* const prefixes = GENERATE("11.0.0.0/8", "11.0.0.0/8 x", "12.0.0.0/8 1",
                                        "11.1.0.0/16 1\n11.0.0.0/16 1", "11.0.0.0/8 1\n\n");
  CAPTURE(prefixes);
  const ScratchCatalog catalog;
  const std::string sql =
      std::string("INSERT INTO asn_block VALUES ('11.0.0.0/8', '") + prefixes + "')";
  REQUIRE(catalog.run(sql).empty());
  CHECK_THROWS_WITH(asns_of(CatalogReader(catalog.url())),
                    Catch::StartsWith("the catalog's ASNs of 11.0.0.0/8"));
}

TEST_CASE("imported research networks follow the table, those entered by hand stay") {
  const ScratchCatalog catalog;
  const std::vector first{netblock("11.1.0.0/16"), netblock("11.2.0.0/16")};
  change(catalog, [&](CatalogWriter& writer) {
    writer.insert_research(netblock("11.2.0.0/16"));
    writer.insert_research(netblock("11.9.0.0/16"));
    writer.replace_imported_research(first);
  });
  const CatalogReader reader(catalog.url());
  CHECK(reader.imported_research() == std::vector{netblock("11.1.0.0/16")});
  change(catalog, [&](CatalogWriter& writer) {
    writer.replace_imported_research(first);
    CHECK_FALSE(writer.has_changes());
    const std::vector second{netblock("11.3.0.0/16")};
    writer.replace_imported_research(second);
  });
  CHECK(CatalogReader(catalog.url()).research_netblocks() ==
        std::vector{netblock("11.2.0.0/16"), netblock("11.3.0.0/16"), netblock("11.9.0.0/16")});
}

TEST_CASE("the ranges of one cloud leave those of the others alone") {
  const ScratchCatalog catalog;
  const CloudRange frankfurt{{"aws", "eu-central-1"}, netblock("11.1.0.0/16")};
  const CloudRange dublin{{"aws", "eu-west-1"}, netblock("2600:1::/32")};
  const CloudRange london{{"gcp", "europe-west2"}, netblock("11.1.0.0/16")};
  change(catalog, [&](CatalogWriter& writer) {
    writer.replace_cloud("aws", std::vector{frankfurt, dublin});
    writer.replace_cloud("gcp", std::vector{london});
  });
  CHECK(CatalogReader(catalog.url()).cloud_ranges() == std::vector{frankfurt, dublin, london});
  change(catalog, [&](CatalogWriter& writer) {
    writer.replace_cloud("aws", std::vector{dublin});
    writer.replace_cloud("gcp", std::vector{london});
  });
  CHECK(CatalogReader(catalog.url()).cloud_ranges() == std::vector{dublin, london});
  CHECK(generation(catalog) == 2);
}

TEST_CASE("geography's continent of a country is set apart from the operator's word") {
  const ScratchCatalog catalog;
  const auto turkey = *net::CountryCode::parse("TR");
  const auto unknown = *net::CountryCode::parse("ZZ");
  change(catalog, [&](CatalogWriter& writer) {
    writer.update(Country{turkey, net::Continent::kAs, net::Continent::kEu});
    writer.set_continent(turkey, net::Continent::kAf);
    writer.set_continent(unknown, net::Continent::kAn);
  });
  change(catalog, [&](CatalogWriter& writer) {
    writer.set_continent(turkey, net::Continent::kAf);
    CHECK_FALSE(writer.has_changes());
  });
  std::size_t seen = 0;
  for (const Country& country : CatalogReader(catalog.url()).countries()) {
    if (country.code != turkey && country.code != unknown) continue;
    ++seen;
    CHECK(country.effective_continent() ==
          (country.code == turkey ? net::Continent::kEu : net::Continent::kAn));
  }
  CHECK(seen == 2);
}

TEST_CASE("a host may have large and reserved netblocks by an administrator's word only") {
  struct Row {
    const char* netblock;
    const char* problem;  // "": none
  };
  const std::vector<Row> rows{
      {"11.1.0.0/16", ""},
      {"11.0.0.0/15", "larger than /16"},
      {"2600:1::/32", ""},
      {"2600::/31", "larger than /32"},
      {"10.1.0.0/16", "private"},
      {"192.0.2.0/25", "documentation"},
      {"2001:db8:1::/48", "documentation"},
  };
  const ScratchCatalog catalog;
  CatalogWriter writer(catalog.url(), ScratchCatalog::clock);
  Site site;
  site.name = "s";
  Host host;
  host.site = writer.insert(site);
  host.name = "h";
  host.id = writer.insert(host);
  for (const Row& row : rows) {
    CAPTURE(row.netblock);
    host.netblocks = {netblock(row.netblock)};
    host.any_netblocks = false;
    if (*row.problem == '\0')
      CHECK_NOTHROW(writer.update(host));
    else
      CHECK_THROWS_WITH(writer.update(host), Catch::Contains(row.netblock) &&
                                                 Catch::Contains(row.problem) &&
                                                 Catch::Contains("any_netblocks=yes"));
    host.any_netblocks = true;
    CHECK_NOTHROW(writer.update(host));
  }
}

TEST_CASE("a cloud that there is not is refused") {
  const ScratchCatalog catalog;
  CatalogWriter writer(catalog.url(), ScratchCatalog::clock);
  Site site;
  site.name = "s";
  Host host;
  host.site = writer.insert(site);
  host.name = "h";
  host.clouds = {{"aws", "EU"}};
  CHECK_THROWS_WITH(writer.insert(host), Catch::Contains("no cloud aws:EU"));
  host.clouds = {{"aws", "eu"}, {"aws", "eu"}};
  CHECK_THROWS_WITH(writer.insert(host), Catch::Contains("twice"));
}
