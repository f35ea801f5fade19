#include "common/answer/mirrorlist.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/net/url.h"

namespace mirrorway::answer {
namespace {

// What follows the base URL of every host: subpath and file, encoded.
std::string url_tail(const snapshot::Image& image, const Target& target) {
  std::string tail = "/";
  const std::string_view subpath = image.subpath(image.directories()[target.directory]);
  net::append_encoded_path(subpath, tail);
  if (!subpath.empty()) tail += '/';
  net::append_encoded_path(target.file, tail);
  return tail;
}

// Clients see their own spelling again.
std::string_view as_spelt(net::CountryCode country, const proto::LookupRequest& request) {
  for (const std::string& spelling : request.countries())
    if (base::equal_ignoring_case(spelling, country.text())) return spelling;
  return country.text();
}

void append_notes(const proto::LookupRequest& request, const selection::Selection& selection,
                  std::string& text) {
  if (selection.used_netblocks) text += "Using preferred netblock ";
  if (selection.used_asn) text += fmt::format("Using ASN {} ", *selection.used_asn);
  if (selection.had_no_mirror_there)
    text += fmt::format("no mirror in {} ", fmt::join(request.countries(), ","));
  for (const net::CountryCode country : selection.countries)
    text += fmt::format("country = {} ", as_spelt(country, request));
  if (selection.used_global) text += "country = global ";
  std::string_view before = "protocol = ";
  for (const int scheme : request.schemes()) {
    text += before;
    text += net::scheme_name(static_cast<net::Scheme>(scheme));
    before = ",";
  }
}

}  // namespace

std::string subject_comment(const Subject& subject) {
  if (subject.repository.empty()) return fmt::format("# path = {} ", subject.path);
  return fmt::format("# repo = {} arch = {} ", subject.repository, subject.architecture);
}

std::string format_mirrorlist(const snapshot::Image& image, const proto::LookupRequest& request,
                              const Subject& subject, const Target& target,
                              const selection::Query& query,
                              const selection::Selection& selection) {
  std::string text = subject_comment(subject);
  append_notes(request, selection, text);
  if (request.show_catalog_time())
    text += fmt::format("\n# database creation time: {}", image.catalog_time());
  text += '\n';

  const std::string tail = url_tail(image, target);
  const std::uint32_t category = image.directories()[target.directory].category;
  const int urls_per_host = std::max(1, request.schemes_size());
  for (const selection::RankedHost& ranked : selection.hosts) {
    int listed = 0;
    for (const snapshot::UrlRecord& url : image.urls(ranked.host, category)) {
      if (listed == urls_per_host) break;
      if (!query.schemes[static_cast<std::size_t>(url.scheme)]) continue;
      text += image.text(url.text);
      text += tail;
      text += '\n';
      ++listed;
    }
  }
  return text;
}

std::optional<std::string> redirect_location(const snapshot::Image& image, const Target& target,
                                             const selection::Query& query,
                                             const selection::Selection& selection) {
  if (selection.hosts.empty()) return std::nullopt;
  const std::uint32_t category = image.directories()[target.directory].category;
  const auto urls = image.urls(selection.hosts.front().host, category);
  const auto url = std::find_if(urls.begin(), urls.end(), [&](const snapshot::UrlRecord& u) {
    return query.schemes[static_cast<std::size_t>(u.scheme)];
  });
  MIRRORWAY_ASSERT(url != urls.end());  // it would not have been eligible
  return std::string(image.text(url->text)) + url_tail(image, target);
}

}  // namespace mirrorway::answer
