#include "admin/inventory/lines.h"

#include <algorithm>

#include "admin/json_fields.h"
#include "common/base/sort_unique.h"
#include "common/base/text.h"
#include "common/net/url.h"

namespace mirrorway::admin {
namespace {

using nlohmann::json;
using Remarks = std::vector<std::string>;

bool is_known_country(net::CountryCode code) {
  const auto countries = net::known_countries();
  return std::any_of(countries.begin(), countries.end(),
                     [&](const net::CountryFact& fact) { return fact.code == code.text(); });
}

std::optional<net::CountryCode> read_country(JsonFields& fields, Remarks& remarks) {
  const std::string text = fields.text("country");
  if (text.empty()) return std::nullopt;
  const auto code = net::CountryCode::parse(text);
  if (code && is_known_country(*code)) return code;
  remarks.push_back(fmt::format("country \"{}\" is unknown and left out", base::printable(text)));
  return std::nullopt;
}

// A tree that has one good URL left is good enough; without any it is useless.
std::vector<std::string> read_urls(const json& object, std::string_view what, JsonFields& fields,
                                   Remarks& remarks) {
  std::vector<std::string> urls;
  for (const auto& [scheme, value] : object.items()) {
    const auto* const text = value.get_ptr<const std::string*>();
    if (text == nullptr) {
      fields.fail(base::refuse("{} under \"{}\" is no string", what, base::printable(scheme)));
      return {};
    }
    auto url = net::parse_base_url(base::trim(*text));
    if (url)
      urls.push_back(*std::move(url));
    else
      remarks.push_back(fmt::format("{} left out: {}", what, url.reason()));
  }
  const std::size_t given = urls.size();
  base::sort_unique(urls);
  if (urls.size() < given) remarks.push_back(fmt::format("{} given twice", what));
  if (urls.empty())
    fields.fail(base::refuse("no usable {}{}{}", what, remarks.empty() ? "" : "; ",
                             remarks.empty() ? "" : remarks.back()));
  return urls;
}

void read_trees(JsonFields& fields, InventoryMirror& mirror) {
  if (const json* const urls = fields.object("urls", kMaxInventoryUrls))
    mirror.urls = read_urls(*urls, "URL", fields, mirror.remarks);
  else
    fields.fail(base::refuse("\"urls\" is missing"));
  const json* const modules = fields.object("modules", kMaxInventoryModules);
  if (modules == nullptr) return;
  for (const auto& [module, urls] : modules->items()) {
    if (module.size() > JsonFields::kMaxTextBytes || !urls.is_object() ||
        urls.size() > kMaxInventoryUrls)
      return fields.fail(base::refuse("module \"{}\" is no object of at most {} URLs",
                                      base::printable(module), kMaxInventoryUrls));
    mirror.modules[module] = read_urls(urls, "module URL", fields, mirror.remarks);
  }
}

std::optional<std::vector<std::uint32_t>> read_asns(JsonFields& fields) {
  const json* const value = fields.find("asn");
  if (value == nullptr) return std::nullopt;
  constexpr std::uint64_t kMaxAsn = 4'294'967'295;
  const json list = value->is_array() ? *value : json::array({*value});
  std::vector<std::uint32_t> asns;
  for (const json& item : list) {
    const bool is_asn = item.is_number_unsigned() && item.get<std::uint64_t>() >= 1 &&
                        item.get<std::uint64_t>() <= kMaxAsn;
    if (!is_asn || list.size() > kMaxInventoryNetworks) {
      fields.fail(base::refuse("\"asn\" is no list of at most {} numbers from 1 to {}",
                               kMaxInventoryNetworks, kMaxAsn));
      return std::nullopt;
    }
    asns.push_back(item.get<std::uint32_t>());
  }
  base::sort_unique(asns);
  return asns;
}

std::optional<std::vector<net::Prefix>> read_netblocks(JsonFields& fields) {
  if (fields.find("subnets") == nullptr) return std::nullopt;
  std::vector<net::Prefix> netblocks;
  for (const std::string& text : fields.texts("subnets", kMaxInventoryNetworks)) {
    const auto netblock = net::Prefix::parse(text);
    if (!netblock) {
      fields.fail(base::refuse("\"subnets\": {}", netblock.reason()));
      return std::nullopt;
    }
    netblocks.push_back(*netblock);
  }
  base::sort_unique(netblocks);
  return netblocks;
}

// A region that nobody can be in loses the detail, as an unknown country does.
std::optional<std::vector<catalog::CloudRegion>> read_clouds(JsonFields& fields, Remarks& remarks) {
  const std::string provider = fields.text("cloud_type");
  if (provider.empty()) return std::nullopt;
  const std::vector<std::string> regions = fields.texts("cloud_regions", kMaxInventoryNetworks);
  if (regions.empty())
    remarks.push_back(fmt::format("cloud_type \"{}\" without cloud_regions is left out",
                                  base::printable(provider, 40)));
  std::vector<catalog::CloudRegion> clouds;
  for (const std::string& region : regions) {
    auto cloud = catalog::CloudRegion::parse(fmt::format("{}:{}", provider, region));
    if (cloud)
      clouds.push_back(*std::move(cloud));
    else
      remarks.push_back(fmt::format("cloud left out: {}", cloud.reason()));
  }
  base::sort_unique(clouds);
  return clouds.empty() ? std::nullopt : std::optional(std::move(clouds));
}

std::string read_site_url(JsonFields& fields, Remarks& remarks) {
  const json* const value = fields.find("sponsor_url");
  if (value == nullptr) return {};
  const auto* const text = value->get_ptr<const std::string*>();
  const std::string_view url = text == nullptr ? std::string_view() : base::trim(*text);
  if (catalog::is_page_url(url)) return std::string(url);
  remarks.push_back(
      fmt::format("sponsor_url \"{}\" is no http or https URL and left out", base::printable(url)));
  return {};
}

void remark_unused(const JsonFields& fields, Remarks& remarks) {
  if (fields.find("subnets_url") != nullptr)
    remarks.emplace_back("subnets_url is not fetched; state the netblocks in subnets");
}

}  // namespace

base::Parsed<InventoryMirror> parse_inventory_line(std::string_view line) {
  if (line.size() > kMaxInventoryLineBytes)
    return base::refuse("line of {} bytes; at most {} are allowed", line.size(),
                        kMaxInventoryLineBytes);
  const auto object = parse_json_object(line);
  if (!object) return object.refusal();
  JsonFields fields(*object);
  InventoryMirror mirror;
  mirror.name = fields.required_text("name");
  mirror.site = fields.required_text("site");
  mirror.site_url = read_site_url(fields, mirror.remarks);
  mirror.country = read_country(fields, mirror.remarks);
  mirror.city = fields.text("city");
  mirror.is_private = fields.flag("private");
  mirror.is_monopoly = fields.flag("monopoly");
  mirror.client_asns = read_asns(fields);
  mirror.netblocks = read_netblocks(fields);
  mirror.clouds = read_clouds(fields, mirror.remarks);
  remark_unused(fields, mirror.remarks);
  read_trees(fields, mirror);
  if (fields.problem()) return *fields.problem();
  return mirror;
}

}  // namespace mirrorway::admin
