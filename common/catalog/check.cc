#include "common/catalog/check.h"

#include <algorithm>
#include <cmath>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/net/path.h"
#include "common/net/special_purpose.h"
#include "common/net/url.h"

namespace mirrorway::catalog {
namespace {

bool is_line(std::string_view text, std::size_t max_bytes) {
  return text.size() <= max_bytes && base::is_one_line(text) && base::trim(text) == text;
}

void check_line(std::string_view what, std::string_view text, std::size_t max_bytes) {
  if (!is_line(text, max_bytes))
    throw base::Error(
        "{} \"{}\" must be one line of UTF-8 without blanks at its ends, at most {} "
        "bytes",
        what, base::printable(text), max_bytes);
}

void check_name(std::string_view what, std::string_view name) {
  if (name.empty()) throw base::Error("{} must not be empty", what);
  check_line(what, name, kMaxNameBytes);
}

// A name that stands in a query string and in the comment line of an answer.
void check_word(std::string_view what, std::string_view name) {
  check_name(what, name);
  if (name.find(' ') != std::string_view::npos)
    throw base::Error("{} \"{}\" must not hold blanks", what, base::printable(name));
}

void check_path(std::string_view what, std::string_view path) {
  if (!net::is_path(path))
    throw base::Error("{} \"{}\" must be a path without slashes at its ends", what,
                      base::printable(path));
}

void check_networks(const Host& host) {
  for (const CloudRegion& cloud : host.clouds) {
    const auto parsed = CloudRegion::parse(cloud.text());
    if (!parsed || *parsed != cloud)
      throw base::Error("host {}: no cloud {}", host.name, base::printable(cloud.text()));
  }
  if (host.any_netblocks) return;
  for (const net::Prefix& netblock : host.netblocks)
    if (const auto problem = net::find_netblock_problem(netblock))
      throw base::Error("host {}: netblock {} is {}; only hosts with any_netblocks=yes may have it",
                        host.name, netblock.text(), *problem);
}

template <typename T>
bool is_strictly_ascending(const std::vector<T>& values) {
  return std::adjacent_find(values.begin(), values.end(),
                            [](const T& a, const T& b) { return !(a < b); }) == values.end();
}

}  // namespace

bool is_page_url(std::string_view url) {
  const auto scheme = net::scheme_of(url);
  return (scheme == net::Scheme::kHttp || scheme == net::Scheme::kHttps) &&
         url.size() > net::scheme_name(*scheme).size() + std::string_view("://").size() &&
         is_line(url, kMaxCommentBytes);
}

void check(const Site& site) {
  check_name("site", site.name);
  check_line("comment", site.comment, kMaxCommentBytes);
  if (!site.url.empty() && !is_page_url(site.url))
    throw base::Error(
        "site {}: URL \"{}\" must be https://… or http://…, one line without blanks at its ends, "
        "at "
        "most {} bytes",
        site.name, base::printable(site.url), kMaxCommentBytes);
}

void check(const Host& host) {
  check_name("host", host.name);
  check_line("city", host.city, kMaxNameBytes);
  check_line("comment", host.comment, kMaxCommentBytes);
  constexpr double kMaxLatitude = 90;
  constexpr double kMaxLongitude = 180;
  if (host.latitude.has_value() != host.longitude.has_value() ||
      !(std::abs(host.latitude.value_or(0)) <= kMaxLatitude) ||
      !(std::abs(host.longitude.value_or(0)) <= kMaxLongitude))
    throw base::Error("host {}: latitude (-90…90) and longitude (-180…180) are given together",
                      host.name);
  if (host.bandwidth_mbps < kLeastBandwidthMbps || host.bandwidth_mbps > kMostBandwidthMbps)
    throw base::Error("host {}: bandwidth {} Mbit/s is not from {} to {}", host.name,
                      host.bandwidth_mbps, kLeastBandwidthMbps, kMostBandwidthMbps);
  if (host.asn == 0U || (!host.client_asns.empty() && host.client_asns.front() == 0))
    throw base::Error("host {}: 0 is no ASN", host.name);
  if (!is_strictly_ascending(host.client_asns) || !is_strictly_ascending(host.netblocks) ||
      !is_strictly_ascending(host.allowed_countries) || !is_strictly_ascending(host.clouds))
    throw base::Error("host {}: an ASN, netblock, country or cloud is given twice", host.name);
  check_networks(host);
}

void check(const Category& category) {
  check_name("category", category.name);
  check_path("top directory", category.top_directory);
}

void check(const Carriage& carriage) {
  if (carriage.urls.size() > kMaxUrlsPerCarriage)
    throw base::Error("a host has at most {} URLs in one category", kMaxUrlsPerCarriage);
  for (const std::string& url : carriage.urls) {
    const auto parsed = net::parse_base_url(url);
    if (!parsed) throw base::Error("{}", parsed.reason());
    if (*parsed != url) throw base::Error("URL {} must be spelt {}", url, *parsed);
  }
  if (!is_strictly_ascending(carriage.urls)) throw base::Error("a URL is given twice");
}

void check(const Directory& directory) {
  check_path("directory", directory.path);
}

void check(const Repository& repository) {
  check_word("repository", repository.name);
  check_word("architecture", repository.architecture);
}

void check(const Redirect& redirect) {
  check_word("redirect from", redirect.from);
  check_word("redirect to", redirect.to);
  if (redirect.from == redirect.to)
    throw base::Error("repository {} cannot be redirected to itself", redirect.from);
}

void check(const FileDetail& version) {
  if (version.name.empty() || version.name.size() > kMaxNameBytes || !net::is_path(version.name) ||
      version.name.find('/') != std::string::npos)
    throw base::Error(
        "file name \"{}\" must be UTF-8 of 1 to {} bytes, without slashes and control characters, "
        "and neither . nor ..",
        base::printable(version.name), kMaxNameBytes);
  if (version.size < 0 || version.timestamp < 0)
    throw base::Error("file {}: size {} or timestamp {} is negative", base::printable(version.name),
                      version.size, version.timestamp);
}

}  // namespace mirrorway::catalog
