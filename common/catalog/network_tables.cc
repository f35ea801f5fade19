// What CatalogReader and CatalogWriter have for the tables that come from outside as a whole.
#include <algorithm>
#include <set>

#include "common/catalog/asn_blocks.h"
#include "common/catalog/database.h"
#include "common/catalog/writer.h"

namespace mirrorway::catalog {
namespace {

constexpr Statement kBlocks{"read the blocks of ASNs", "SELECT block FROM asn_block"};
constexpr Statement kBlock{"read a block of ASNs",
                           "SELECT prefixes FROM asn_block WHERE block = :block"};
constexpr Statement kInsertBlock{"insert a block of ASNs",
                                 "INSERT INTO asn_block (block, prefixes) VALUES (:block, :rows)"};
constexpr Statement kUpdateBlock{"update a block of ASNs",
                                 "UPDATE asn_block SET prefixes = :rows WHERE block = :block"};
constexpr Statement kDeleteBlock{"remove a block of ASNs",
                                 "DELETE FROM asn_block WHERE block = :block"};

constexpr Statement kImportedResearch{
    "read research networks", "SELECT netblock FROM research_netblock WHERE is_imported = 1"};
// One that was entered by hand stays so.
constexpr Statement kImportResearch{
    "insert a research network",
    "INSERT INTO research_netblock (netblock, is_imported) VALUES (:netblock, 1) "
    "ON CONFLICT DO NOTHING"};
constexpr Statement kDeleteImportedResearch{
    "remove a research network",
    "DELETE FROM research_netblock WHERE netblock = :netblock AND is_imported = 1"};

constexpr Statement kCloudRanges{"read ranges of clouds",
                                 "SELECT provider, region, netblock FROM cloud_netblock"};
constexpr Statement kInsertCloudRange{"insert a range of a cloud",
                                      "INSERT INTO cloud_netblock (provider, region, netblock) "
                                      "VALUES (:provider, :region, :netblock)"};
constexpr Statement kDeleteCloudRange{
    "remove a range of a cloud",
    "DELETE FROM cloud_netblock "
    "WHERE provider = :provider AND region = :region AND netblock = :netblock"};

constexpr Statement kSetContinent{
    "set the continent of a country",
    "INSERT INTO country (code, continent) VALUES (:code, :continent) "
    "ON CONFLICT (code) DO UPDATE SET continent = excluded.continent "
    "WHERE country.continent <> excluded.continent"};

std::set<net::Prefix> blocks_in(Database& database) {
  std::set<net::Prefix> blocks;
  database.for_each<net::Prefix>(kBlocks, [&](const net::Prefix& block) { blocks.insert(block); });
  return blocks;
}

// What is in one of two ascending lists only.
template <typename T>
std::vector<T> missing_from(std::span<const T> list, std::span<const T> other) {
  std::vector<T> missing;
  std::set_difference(list.begin(), list.end(), other.begin(), other.end(),
                      std::back_inserter(missing));
  return missing;
}

}  // namespace

std::vector<net::Prefix> CatalogReader::imported_research() const {
  std::vector<net::Prefix> netblocks;
  database().for_each<net::Prefix>(
      kImportedResearch, [&](const net::Prefix& netblock) { netblocks.push_back(netblock); });
  std::sort(netblocks.begin(), netblocks.end());
  return netblocks;
}

std::vector<CloudRange> CatalogReader::cloud_ranges() const {
  std::vector<CloudRange> ranges;
  database().for_each<std::string, std::string, net::Prefix>(
      kCloudRanges,
      [&](const std::string& provider, const std::string& region, const net::Prefix& netblock) {
        ranges.push_back({{provider, region}, netblock});
      });
  std::sort(ranges.begin(), ranges.end());
  return ranges;
}

void CatalogReader::for_each_asn(const std::function<void(const net::AsnPrefix&)>& handle) const {
  for (const net::Prefix& block : blocks_in(database()))
    for_each_asn_in({block, database().value<std::string>(kBlock, block)}, handle);
}

void CatalogWriter::replace_asns(std::span<const net::AsnPrefix> rows) {
  std::set<net::Prefix> gone = blocks_in(database());
  for_each_block(rows, [&](const AsnBlock& block) {
    if (gone.erase(block.block) == 0)
      changes_ += database().execute(kInsertBlock, block.block, block.prefixes);
    else if (database().value<std::string>(kBlock, block.block) != block.prefixes)
      changes_ += database().execute(kUpdateBlock, block.prefixes, block.block);
  });
  for (const net::Prefix& block : gone) changes_ += database().execute(kDeleteBlock, block);
}

void CatalogWriter::replace_imported_research(std::span<const net::Prefix> netblocks) {
  const std::vector<net::Prefix> before = imported_research();
  for (const net::Prefix& gone : missing_from<net::Prefix>(before, netblocks))
    changes_ += database().execute(kDeleteImportedResearch, gone);
  for (const net::Prefix& added : missing_from<net::Prefix>(netblocks, before))
    changes_ += database().execute(kImportResearch, added);
}

void CatalogWriter::replace_cloud(std::string_view provider, std::span<const CloudRange> ranges) {
  std::vector<CloudRange> before = cloud_ranges();
  std::erase_if(before, [&](const CloudRange& r) { return r.region.provider != provider; });
  for (const CloudRange& gone : missing_from<CloudRange>(before, ranges))
    changes_ += database().execute(kDeleteCloudRange, gone.region.provider, gone.region.region,
                                   gone.netblock);
  for (const CloudRange& added : missing_from<CloudRange>(ranges, before))
    changes_ += database().execute(kInsertCloudRange, added.region.provider, added.region.region,
                                   added.netblock);
}

void CatalogWriter::set_continent(net::CountryCode country, net::Continent continent) {
  changes_ += database().execute(kSetContinent, country, continent);
}

}  // namespace mirrorway::catalog
