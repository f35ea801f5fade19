// One mirror of an inventory file. The format's page is proto/INVENTORY.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/parsed.h"
#include "common/catalog/records.h"
#include "common/net/address.h"
#include "common/net/country.h"

namespace mirrorway::admin {

inline constexpr std::size_t kMaxInventoryLineBytes = 64 << 10;
inline constexpr std::size_t kMaxInventoryUrls = 16;  // of one tree on one mirror
inline constexpr std::size_t kMaxInventoryModules = 16;
inline constexpr std::size_t kMaxInventoryNetworks = 4096;  // ASNs, and netblocks, of one mirror

// What the line does not state is empty or nullopt.
struct InventoryMirror {
  std::string name;
  std::string site;
  std::string site_url;
  std::optional<net::CountryCode> country;
  std::string city;
  std::vector<std::string> urls;  // one spelling each, ascending, at least one
  std::map<std::string, std::vector<std::string>> modules;  // the same, by module name
  std::optional<bool> is_private;
  std::optional<bool> is_monopoly;
  std::optional<std::vector<std::uint32_t>> client_asns;    // ascending
  std::optional<std::vector<net::Prefix>> netblocks;        // ascending
  std::optional<std::vector<catalog::CloudRegion>> clouds;  // ascending, at least one
  // What was left out or not understood, one sentence each; the mirror is good without it.
  std::vector<std::string> remarks;
};

// Refuses what is no JSON object of this form. The line is hostile: all lengths are bounded.
base::Parsed<InventoryMirror> parse_inventory_line(std::string_view line);

}  // namespace mirrorway::admin
