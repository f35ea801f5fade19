// Single rows of a MirrorManager 2 database as rows of a catalog. What is not fit for one is left
// out with a remark. The rules: proto/MIRRORMANAGER_DATABASE.md.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/remarks.h"
#include "common/catalog/mirrormanager.h"
#include "common/catalog/records.h"

namespace mirrorway::admin {

// Addresses of a DNS name; none when there is no such name.
using Resolver = std::function<std::vector<net::Address>(const std::string& name)>;

// What several rows say of one host.
struct HostLists {
  std::vector<std::int64_t> asns;
  std::vector<std::string> netblocks;
  std::vector<std::string> allowed_countries;
};

class RowReader {
 public:
  // `countries` are those of the catalog. Without a resolver DNS names are left out.
  RowReader(std::set<net::CountryCode> countries, Resolver resolve, base::Remarks& remarks)
      : countries_(std::move(countries)), resolve_(std::move(resolve)), remarks_(remarks) {}

  // The name as the catalog can have it: one line without blanks at its ends; "" when it cannot.
  static std::string name_of(std::string_view text);

  // Each takes what the catalog has of it and replaces what MirrorManager knows, too. nullopt: the
  // row is left out.
  std::optional<catalog::Host> host(const catalog::mirrormanager::Host& row, const HostLists& lists,
                                    catalog::Host known);
  std::string site_url(const catalog::mirrormanager::Site& row);
  // Ascending, in one spelling each.
  std::vector<std::string> urls(std::string_view host, const std::vector<std::string>& texts);
  std::optional<catalog::FileDetail> file(const catalog::mirrormanager::File& row,
                                          std::string_view path);
  std::optional<net::CountryCode> country(std::string_view text, std::string_view kind,
                                          std::string_view owner);

 private:
  std::optional<std::uint32_t> asn(std::int64_t number, std::string_view host);
  void read_position(const catalog::mirrormanager::Host& row, catalog::Host& host);
  bool read_lists(const HostLists& lists, catalog::Host& host);
  std::vector<net::Prefix> netblocks(const HostLists& lists, const catalog::Host& host);
  void add_netblock(const std::string& text, const catalog::Host& host,
                    std::vector<net::Prefix>& netblocks);
  std::string digest(const std::string& text, std::size_t digits, const std::string& file);

  std::set<net::CountryCode> countries_;
  Resolver resolve_;
  base::Remarks& remarks_;
};

}  // namespace mirrorway::admin
