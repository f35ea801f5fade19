#include "admin/netblock_remarks.h"
#include "admin/nouns/noun_of.h"

namespace mirrorway::admin {
namespace {

using catalog::CatalogReader;
using catalog::CatalogWriter;
using catalog::Dependents;
using catalog::Host;
using catalog::Site;

template <typename Values>
Json list_of_texts(const Values& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(value.text());
  return list;
}

Description<Site> describe_site() {
  return {"site",
          "sites",
          "An organisation that runs hosts",
          1,
          1,
          {text_key("name", "Unique name", &Site::name, Shown::kEverywhere),
           text_key("url", "Its web page", &Site::url, Shown::kEverywhere),
           flag_key("active", "no: none of its hosts is answered [yes]", &Site::is_active,
                    Shown::kEverywhere),
           flag_key("private", "yes: all of its hosts are private [no]", &Site::is_private,
                    Shown::kEverywhere),
           text_key("comment", "For operators only", &Site::comment)},
          {},
          [](const CatalogReader& reader) { return reader.sites(); },
          [](CatalogWriter& writer, Site& site) { writer.insert(site); },
          [](CatalogWriter& writer, const Site&, Site& site) { writer.update(site); },
          [](CatalogWriter& writer, const Site& site, Dependents dependents) {
            if (dependents == Dependents::kRefuse)
              for (const Host& host : writer.hosts())
                if (host.site == site.id)
                  throw base::Error(
                      "site {} still has hosts, such as {}; --recursive removes them "
                      "too",
                      site.name, host.name);
            writer.remove(site, dependents);
          },
          &Site::is_active};
}

Key<Host> host_name_key() {
  auto key = text_key("name", "Unique within the site, normally the machine's DNS name",
                      &Host::name, Shown::kEverywhere);
  key.unique = [](const Host& host, Names& names) {
    return names.site(host.site) + "/" + host.name;
  };
  return key;
}

Key<Host> country_key() {
  return {"country", "ISO 3166 code; empty: unknown",
          [](const Host& host, Names&) -> Json {
            return host.country ? Json(host.country->text()) : Json();
          },
          [](Host& host, std::string_view text, Names&) {
            host.country = text.empty() ? std::nullopt : std::optional(country_value(text));
          },
          Shown::kEverywhere};
}

Key<Host> degrees_key(std::string name, std::string help, std::optional<double> Host::*member) {
  return {std::move(name), std::move(help),
          [member](const Host& host, Names&) -> Json {
            return host.*member ? Json(*(host.*member)) : Json();
          },
          [member](Host& host, std::string_view text, Names&) {
            host.*member = text.empty() ? std::nullopt : std::optional(degrees_value(text));
          }};
}

Key<Host> asn_key() {
  return {"asn", "The AS it stands in; empty: unknown",
          [](const Host& host, Names&) -> Json { return host.asn ? Json(*host.asn) : Json(); },
          [](Host& host, std::string_view text, Names&) {
            constexpr std::uint32_t kMostAsn = 4'294'967'295;
            host.asn = text.empty() ? std::nullopt : std::optional(number_value(text, 1, kMostAsn));
          }};
}

std::vector<Key<Host>> host_keys() {
  return {
      host_name_key(),
      {"site", "Whose host it is",
       [](const Host& host, Names& names) -> Json { return names.site(host.site); },
       [](Host& host, std::string_view text, Names& names) { host.site = names.find_site(text); },
       Shown::kEverywhere},
      country_key(),
      text_key("city", "For people only", &Host::city, Shown::kEverywhere),
      degrees_key("latitude", "Degrees, north positive", &Host::latitude),
      degrees_key("longitude", "Degrees, east positive", &Host::longitude),
      {"bandwidth", "Mbit/s, 1 to 100000: its weight among others [1000]",
       [](const Host& host, Names&) -> Json { return host.bandwidth_mbps; },
       [](Host& host, std::string_view text, Names&) {
         host.bandwidth_mbps =
             number_value(text, catalog::kLeastBandwidthMbps, catalog::kMostBandwidthMbps);
       },
       Shown::kEverywhere},
      flag_key("active", "no: it is not answered [yes]", &Host::is_active, Shown::kEverywhere),
      flag_key("private", "yes: for its netblocks, ASNs and research networks only [no]",
               &Host::is_private, Shown::kEverywhere),
      flag_key("monopoly", "yes: clients of its netblocks get no other host [no]",
               &Host::is_monopoly, Shown::kEverywhere),
      flag_key("last_resort", "yes: only when few others remain [no]", &Host::is_last_resort),
      flag_key("research", "yes: on a research network such as Internet2 [no]", &Host::is_research),
      flag_key("research_clients",
               "yes: a private host for clients on research networks in its country [no]",
               &Host::serves_research),
      asn_key(),
      flag_key("own_asn_clients", "no: clients of its own AS are nothing special [yes]",
               &Host::serves_own_asn),
      {"asns", "ASNs whose clients it wants, separated by commas",
       [](const Host& host, Names&) -> Json { return host.client_asns; },
       [](Host& host, std::string_view text, Names&) { host.client_asns = asns_value(text); }},
      {"netblocks", "Networks whose clients it wants, separated by commas",
       [](const Host& host, Names&) -> Json { return list_of_texts(host.netblocks); },
       [](Host& host, std::string_view text, Names&) { host.netblocks = netblocks_value(text); }},
      flag_key("any_netblocks",
               "yes: also netblocks larger than /16 or /32, private and reserved ones [no]",
               &Host::any_netblocks),
      {"cloud",
       "Regions of clouds that it stands in and serves, such as aws:eu-central-1 or gcp:all, "
       "separated by commas; it counts as private",
       [](const Host& host, Names&) -> Json { return list_of_texts(host.clouds); },
       [](Host& host, std::string_view text, Names&) { host.clouds = clouds_value(text); }},
      {"allowed_countries", "The only countries that it serves; empty: all",
       [](const Host& host, Names&) -> Json { return list_of_texts(host.allowed_countries); },
       [](Host& host, std::string_view text, Names&) {
         host.allowed_countries = countries_value(text);
       }},
      text_key("comment", "For operators only", &Host::comment),
  };
}

Description<Host> describe_host() {
  return {"host",
          "hosts",
          "One mirror machine of a site; site/name where the name alone is not unique",
          1,
          1,
          host_keys(),
          {"site"},
          [](const CatalogReader& reader) { return reader.hosts(); },
          [](CatalogWriter& writer, Host& host) { host.id = writer.insert(host); },
          [](CatalogWriter& writer, const Host&, Host& host) { writer.update(host); },
          [](CatalogWriter& writer, const Host& host, Dependents) { writer.remove(host); },
          &Host::is_active,
          nullptr,
          [](const CatalogReader& reader, const Host& host) {
            return network_remarks(reader, {host.id});
          }};
}

// One of a host's netblocks.
struct HostNetblock {
  Host host;
  std::optional<net::Prefix> netblock;
};

void remove_netblock(CatalogWriter& writer, const HostNetblock& row) {
  Host host = row.host;
  std::erase(host.netblocks, *row.netblock);
  writer.update(host);
}

void insert_netblock(CatalogWriter& writer, const HostNetblock& row) {
  // As it is now: the one in the row may be older than a removal in this transaction.
  for (Host& host : writer.hosts()) {
    if (host.id != row.host.id) continue;
    host.netblocks.push_back(*row.netblock);
    std::sort(host.netblocks.begin(), host.netblocks.end());
    writer.update(host);
  }
}

Description<HostNetblock> describe_netblock() {
  return {
      "netblock",
      "netblocks",
      "A network whose clients a host wants",
      2,
      2,
      {{"host", "Which host", [](const HostNetblock& row, Names&) -> Json { return row.host.name; },
        [](HostNetblock& row, std::string_view text, Names& names) {
          row.host = names.host_row(names.find_host(text));
        },
        Shown::kEverywhere,
        [](const HostNetblock& row, Names& names) { return names.full_host(row.host.id); },
        [](std::string_view word, Names& names) { return names.full_host(names.find_host(word)); }},
       {"netblock", "Such as 192.0.2.0/24",
        [](const HostNetblock& row, Names&) -> Json { return row.netblock->text(); },
        [](HostNetblock& row, std::string_view text, Names&) {
          row.netblock = netblock_value(text);
        },
        Shown::kEverywhere}},
      {},
      [](const CatalogReader& reader) {
        std::vector<HostNetblock> rows;
        for (const Host& host : reader.hosts())
          for (const net::Prefix& netblock : host.netblocks) rows.push_back({host, netblock});
        return rows;
      },
      [](CatalogWriter& writer, HostNetblock& row) { insert_netblock(writer, row); },
      [](CatalogWriter& writer, const HostNetblock& before, HostNetblock& after) {
        remove_netblock(writer, before);
        insert_netblock(writer, after);
      },
      [](CatalogWriter& writer, const HostNetblock& row, Dependents) {
        remove_netblock(writer, row);
      },
      nullptr,
      nullptr,
      [](const CatalogReader& reader, const HostNetblock& row) {
        return network_remarks(reader, {row.host.id});
      }};
}

}  // namespace

void add_organisation_nouns(Nouns& nouns) {
  add_noun(nouns, describe_site());
  add_noun(nouns, describe_host());
  add_noun(nouns, describe_netblock());
}

}  // namespace mirrorway::admin
