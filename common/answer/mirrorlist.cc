#include "common/answer/mirrorlist.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/net/url.h"

namespace mirrorway::answer {
namespace {

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
  if (selection.used_research) text += "Using research network ";
  if (selection.had_no_mirror_there)
    text += fmt::format("no mirror in {} ", fmt::join(request.countries(), ","));
  for (const net::CountryCode country : selection.countries)
    text.append("country = ").append(as_spelt(country, request)) += ' ';
  if (selection.used_global) text += "country = global ";
  std::string_view before = "protocol = ";
  for (const int scheme : request.schemes()) {
    text += before;
    text += net::scheme_name(static_cast<net::Scheme>(scheme));
    before = ",";
  }
}

// `append_line(base URL, position of the host, from 1)` adds what stands between two LFs.
template <typename AppendLine>
std::string format_lines(const Listing& listing, const AppendLine& append_line) {
  constexpr std::size_t kUsualBaseBytes = 64;
  std::string text;
  text.reserve((listing.selection.hosts.size() + 4) *
               (kUsualBaseBytes + listing.target.tail.size()));
  text += subject_comment(listing.subject);
  append_notes(listing.request, listing.selection, text);
  if (listing.request.show_catalog_time())
    text += fmt::format("\n# database creation time: {}", listing.image.catalog_time());
  text += '\n';
  const int urls_per_host = std::max(1, listing.request.schemes_size());
  std::size_t position = 0;
  for (const selection::RankedHost& ranked : listing.selection.hosts) {
    ++position;
    int listed = 0;
    listing.for_each_url(ranked.host, [&](std::string_view base, net::Scheme) {
      if (listed++ >= urls_per_host) return;
      append_line(base, position, text);
      text += '\n';
    });
  }
  return text;
}

}  // namespace

std::string subject_comment(const Subject& subject) {
  if (subject.repository.empty()) return "# path = " + subject.path + ' ';
  return "# repo = " + subject.repository + " arch = " + subject.architecture + ' ';
}

std::string format_mirrorlist(const Listing& listing) {
  return format_lines(listing, [&](std::string_view base, std::size_t, std::string& text) {
    text += base;
    text += listing.target.tail;
  });
}

std::string format_pacman(const Listing& listing) {
  return format_lines(listing, [&](std::string_view base, std::size_t, std::string& text) {
    text += "Server = ";
    text += base;
    text += listing.target.tail;
  });
}

std::string format_apt(const Listing& listing) {
  return format_lines(listing, [&](std::string_view base, std::size_t position, std::string& text) {
    text += base;
    text += listing.target.tail;
    text += fmt::format("\tpriority:{}", position);
  });
}

}  // namespace mirrorway::answer
