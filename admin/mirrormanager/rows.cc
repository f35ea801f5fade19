#include "admin/mirrormanager/rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/base/sort_unique.h"
#include "common/base/text.h"
#include "common/net/loose_netblock.h"
#include "common/net/path.h"
#include "common/net/special_purpose.h"
#include "common/net/url.h"

namespace mirrorway::admin {
namespace {

namespace mm = catalog::mirrormanager;

// Line ends and tabs become blanks; nullopt when it still is no line or too long.
std::optional<std::string> one_line(std::string_view text, std::size_t max_bytes) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  line = base::trim(line);
  if (!base::is_one_line(line) || line.size() > max_bytes) return std::nullopt;
  return line;
}

bool is_dns_name(std::string_view text) {
  return text.find('.') != std::string_view::npos &&
         std::all_of(text.begin(), text.end(),
                     [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
                     }) &&
         std::any_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

std::string RowReader::name_of(std::string_view text) {
  return one_line(text, catalog::kMaxNameBytes).value_or("");
}

std::string RowReader::site_url(const mm::Site& row) {
  std::string url(base::trim(row.url));
  if (url.empty() || catalog::is_page_url(url)) return url;
  remarks_.add("URLs of sites left out, as they are no http or https URLs", "{} of {}",
               base::shown(url), base::shown(row.name));
  return {};
}

std::optional<net::CountryCode> RowReader::country(std::string_view text, std::string_view kind,
                                                   std::string_view owner) {
  const auto code = net::CountryCode::parse(base::trim(text));
  if (code && countries_.contains(*code)) return code;
  remarks_.add(kind, "\"{}\" of {}", base::shown(text), base::shown(owner));
  return std::nullopt;
}

std::optional<std::uint32_t> RowReader::asn(std::int64_t number, std::string_view host) {
  if (number > 0 && number <= std::numeric_limits<std::uint32_t>::max())
    return static_cast<std::uint32_t>(number);
  remarks_.add("ASNs left out, as they are none", "{} of {}", number, base::shown(host));
  return std::nullopt;
}

void RowReader::add_netblock(const std::string& text, const catalog::Host& host,
                             std::vector<net::Prefix>& netblocks) {
  const std::string_view word = base::trim(text);
  const auto parsed = net::parse_loose_netblock(word);
  if (parsed) {
    if (parsed->was_masked)
      remarks_.add("netblocks had bits set past their length, which were cleared", "{} of {}",
                   base::shown(word), base::shown(host.name));
    netblocks.push_back(parsed->prefix);
    return;
  }
  if (!is_dns_name(word)) {
    remarks_.add("netblocks left out, as they are none", "\"{}\" of {}", base::shown(word),
                 base::shown(host.name));
    return;
  }
  if (!resolve_) {
    remarks_.add("netblocks left out, as they are DNS names; --resolve looks them up", "{} of {}",
                 base::shown(word), base::shown(host.name));
    return;
  }
  const auto addresses = resolve_(std::string(word));
  if (addresses.empty())
    remarks_.add("netblocks left out, as there is no such DNS name", "{} of {}", base::shown(word),
                 base::shown(host.name));
  for (const net::Address& address : addresses)
    netblocks.push_back(*net::Prefix::make(address, address.bits()));
}

// The word that a host may have any is the catalog's, so that no import takes it back.
std::vector<net::Prefix> RowReader::netblocks(const HostLists& lists, const catalog::Host& host) {
  std::vector<net::Prefix> netblocks;
  for (const std::string& text : lists.netblocks) add_netblock(text, host, netblocks);
  base::sort_unique(netblocks);
  if (host.any_netblocks) return netblocks;
  std::erase_if(netblocks, [&](const net::Prefix& netblock) {
    const auto problem = net::find_netblock_problem(netblock);
    if (problem)
      remarks_.add("netblocks left out by the rules; any_netblocks=yes of the host lets them in",
                   "{} of {} is {}", netblock.text(), base::shown(host.name), *problem);
    return problem.has_value();
  });
  return netblocks;
}

void RowReader::read_position(const mm::Host& row, catalog::Host& host) {
  constexpr double kMaxLatitude = 90;
  constexpr double kMaxLongitude = 180;
  if (row.latitude && row.longitude && std::abs(*row.latitude) <= kMaxLatitude &&
      std::abs(*row.longitude) <= kMaxLongitude) {
    host.latitude = row.latitude;
    host.longitude = row.longitude;
  } else if (row.latitude || row.longitude) {
    remarks_.add("positions of hosts left out, as they are none", "{}", base::shown(row.name));
  }
}

// False when the host must be left out.
bool RowReader::read_lists(const HostLists& lists, catalog::Host& host) {
  host.client_asns.clear();
  for (const std::int64_t number : lists.asns)
    if (const auto good = asn(number, host.name)) host.client_asns.push_back(*good);
  base::sort_unique(host.client_asns);
  host.netblocks = netblocks(lists, host);
  host.allowed_countries.clear();
  for (const std::string& text : lists.allowed_countries)
    if (const auto code =
            country(text, "allowed countries left out, as they are unknown", host.name))
      host.allowed_countries.push_back(*code);
  base::sort_unique(host.allowed_countries);
  if (host.allowed_countries.empty() && !lists.allowed_countries.empty()) {
    // No list at all would mean everybody.
    remarks_.add("hosts left out, as none of their allowed countries can be read", "{}",
                 base::shown(host.name));
    return false;
  }
  return true;
}

std::optional<catalog::Host> RowReader::host(const mm::Host& row, const HostLists& lists,
                                             catalog::Host known) {
  catalog::Host host = std::move(known);
  host.name = name_of(row.name);
  if (host.name.empty()) {
    remarks_.add("hosts left out, as their names cannot be names", "\"{}\"", base::shown(row.name));
    return std::nullopt;
  }
  host.is_active = row.is_active;
  host.is_private = row.is_private;
  host.is_research = row.is_research;
  host.serves_research = row.serves_research;
  host.serves_own_asn = row.serves_own_asn;
  if (const auto code =
          country(row.country, "countries of hosts left out, as they are unknown", row.name))
    host.country = code;
  host.bandwidth_mbps = static_cast<std::uint32_t>(std::clamp<std::int64_t>(
      row.bandwidth_mbps, catalog::kLeastBandwidthMbps, catalog::kMostBandwidthMbps));
  host.asn = row.asn ? asn(*row.asn, row.name) : std::nullopt;
  read_position(row, host);
  const auto comment = one_line(row.comment, catalog::kMaxCommentBytes);
  if (comment)
    host.comment = *comment;
  else
    remarks_.add("comments of hosts left out, as they are too long", "{}", base::shown(row.name));
  if (!read_lists(lists, host)) return std::nullopt;
  return host;
}

std::vector<std::string> RowReader::urls(std::string_view host,
                                         const std::vector<std::string>& texts) {
  std::vector<std::string> urls;
  for (const std::string& text : texts) {
    auto url = net::parse_base_url(base::trim(text));
    if (!url)
      remarks_.add("URLs left out, as package managers cannot append a path to them", "{} of {}",
                   base::shown(text), base::shown(host));
    else if (std::find(urls.begin(), urls.end(), *url) != urls.end())
      remarks_.add("URLs come twice in one category of a host", "{} of {}", base::shown(text),
                   base::shown(host));
    else if (urls.size() == catalog::kMaxUrlsPerCarriage)
      remarks_.add("URLs left out, as a host has at most 16 in one category", "{} of {}",
                   base::shown(text), base::shown(host));
    else
      urls.push_back(*std::move(url));
  }
  std::sort(urls.begin(), urls.end());
  return urls;
}

std::string RowReader::digest(const std::string& text, std::size_t digits,
                              const std::string& file) {
  std::string digest = base::lower_ascii(base::trim(text));
  const bool is_hex = std::all_of(digest.begin(), digest.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (digest.empty() || (is_hex && digest.size() == digits)) return digest;
  remarks_.add("digests left out, as they are none", "{} of {}", base::shown(text),
               base::shown(file));
  return {};
}

std::optional<catalog::FileDetail> RowReader::file(const mm::File& row, std::string_view path) {
  if (row.name.empty() || row.name.size() > catalog::kMaxNameBytes || !net::is_path(row.name) ||
      row.name.find('/') != std::string::npos || row.size < 0 || row.timestamp < 0) {
    remarks_.add("files left out, as name, size or time cannot be one", "{}/{}", base::shown(path),
                 base::shown(row.name));
    return std::nullopt;
  }
  constexpr std::size_t kMd5Digits = 32;
  constexpr std::size_t kSha1Digits = 40;
  constexpr std::size_t kSha256Digits = 64;
  constexpr std::size_t kSha512Digits = 128;
  catalog::FileDetail file;
  file.name = row.name;
  file.size = row.size;
  file.timestamp = row.timestamp;
  file.md5 = digest(row.md5, kMd5Digits, row.name);
  file.sha1 = digest(row.sha1, kSha1Digits, row.name);
  file.sha256 = digest(row.sha256, kSha256Digits, row.name);
  file.sha512 = digest(row.sha512, kSha512Digits, row.name);
  return file;
}

}  // namespace mirrorway::admin
