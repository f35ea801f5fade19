#include "admin/networks/cloud_ranges.h"

#include <optional>
#include <utility>

#include "admin/json_fields.h"
#include "common/base/sort_unique.h"
#include "common/base/text.h"
#include "common/net/special_purpose.h"

namespace mirrorway::admin {
namespace {

using nlohmann::json;

// No region has a range as large as these; a file that says so is damaged.
constexpr unsigned kLeastIpv4Length = 8;
constexpr unsigned kLeastIpv6Length = 16;

// The first thing that is wrong is kept; what is read after it does not matter any more.
class CloudReader {
 public:
  explicit CloudReader(std::string_view provider) : provider_(provider) {}

  void read(const json& file) {
    if (provider_ == "aws") {
      for_each(file, "prefixes", "", [&](const json& item, const std::string& at) {
        read_simple(item, "region", "ip_prefix", at);
      });
      for_each(file, "ipv6_prefixes", "", [&](const json& item, const std::string& at) {
        read_simple(item, "region", "ipv6_prefix", at);
      });
    } else if (provider_ == "gcp") {
      for_each(file, "prefixes", "", [&](const json& item, const std::string& at) {
        read_simple(item, "scope", item.contains("ipv4Prefix") ? "ipv4Prefix" : "ipv6Prefix", at);
      });
    } else if (provider_ == "oci") {
      for_each(file, "regions", "", [&](const json& item, const std::string& at) {
        const std::string region = text(item, "region", at);
        for_each(item, "cidrs", at, [&](const json& cidr, const std::string& place) {
          add(region, text(cidr, "cidr", place), place);
        });
      });
    } else {
      for_each(file, "values", "",
               [&](const json& item, const std::string& at) { read_service_tag(item, at); });
    }
  }

  base::Parsed<CloudTable> finish() {
    if (problem_) return *problem_;
    if (table_.ranges.empty()) return base::refuse("no range is in it");
    base::sort_unique(table_.ranges);
    return std::move(table_);
  }

 private:
  void fail(base::Refusal refusal) {
    if (!problem_) problem_ = std::move(refusal);
  }

  template <typename Read>
  void for_each(const json& object, const char* key, const std::string& at, const Read& read) {
    const auto list = object.find(key);
    if (list == object.end() || !list->is_array())
      return fail(base::refuse("{}{}{} is no list; is it a file of {}?", at, at.empty() ? "" : ".",
                               key, provider_));
    for (std::size_t i = 0; i < list->size() && !problem_; ++i) {
      const std::string place = fmt::format("{}{}{}[{}]", at, at.empty() ? "" : ".", key, i);
      if (!(*list)[i].is_object()) return fail(base::refuse("{} is no object", place));
      read((*list)[i], place);
    }
  }

  std::string text(const json& object, const char* key, const std::string& at) {
    const auto value = object.find(key);
    const auto* const found =
        value == object.end() ? nullptr : value->get_ptr<const std::string*>();
    if (found == nullptr) {
      fail(base::refuse("{}.{} is no string", at, key));
      return {};
    }
    return *found;
  }

  void read_simple(const json& item, const char* region, const char* netblock,
                   const std::string& at) {
    // One after the other: the first that is wrong is what is complained of.
    const std::string netblock_text = text(item, netblock, at);
    add(text(item, region, at), netblock_text, at);
  }

  // The tag of a service over all regions holds the same ranges once more.
  void read_service_tag(const json& item, const std::string& at) {
    constexpr std::string_view kRegional = "AzureCloud.";
    const std::string name = text(item, "name", at);
    if (!name.starts_with(kRegional)) return;
    const auto properties = item.find("properties");
    if (properties == item.end() || !properties->is_object())
      return fail(base::refuse("{}.properties is no object", at));
    std::string region = text(*properties, "region", at);
    if (region.empty()) region = name.substr(kRegional.size());
    const auto list = properties->find("addressPrefixes");
    if (list == properties->end() || !list->is_array())
      return fail(base::refuse("{}.properties.addressPrefixes is no list", at));
    for (const json& netblock : *list) {
      const auto* const found = netblock.get_ptr<const std::string*>();
      if (found == nullptr)
        return fail(base::refuse("{}.properties.addressPrefixes has what is no string", at));
      add(region, *found, at);
    }
  }

  void add(std::string_view region_text, std::string_view netblock_text, const std::string& at) {
    if (problem_) return;
    const std::string region = base::lower_ascii(region_text);
    if (!catalog::is_cloud_region(region) || region == catalog::CloudRegion::kAll)
      return fail(base::refuse("{}: region \"{}\"", at, base::printable(region_text, 80)));
    const auto netblock = net::Prefix::parse(netblock_text);
    if (!netblock) return fail(base::refuse("{}: {}", at, netblock.reason()));
    const bool is_ipv4 = netblock->address().family() == net::Family::kIpv4;
    if (netblock->length() < (is_ipv4 ? kLeastIpv4Length : kLeastIpv6Length))
      return fail(base::refuse("{}: {} is too large for a region", at, netblock->text()));
    if (const auto purpose = net::find_special_purpose(*netblock))
      table_.remarks.push_back(
          fmt::format("{}: {} is {} and left out", at, netblock->text(), *purpose));
    else
      table_.ranges.push_back({{provider_, region}, *netblock});
  }

  std::string provider_;
  CloudTable table_;
  std::optional<base::Refusal> problem_;
};

}  // namespace

base::Parsed<CloudTable> parse_cloud_file(std::string_view provider, std::string_view text) {
  const auto file = parse_json_object(text);
  if (!file) return file.refusal();
  CloudReader reader(provider);
  reader.read(*file);
  return reader.finish();
}

}  // namespace mirrorway::admin
