#include "common/answer/metalink.h"

#include <algorithm>
#include <array>

#include "common/answer/file_facts.h"
#include "common/base/date.h"
#include "common/base/digest.h"
#include "common/base/escape.h"
#include "common/base/text.h"
#include "common/net/country.h"
#include "common/net/url.h"

namespace mirrorway::answer {
namespace {

using base::append_xml_escaped;
using base::xml_escaped;

constexpr std::string_view kProlog = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

// "" when unknown.
std::string_view country_of(const Listing& listing, const selection::RankedHost& ranked) {
  const auto country = net::CountryCode::from_index(listing.host(ranked).country);
  return country ? country->text() : std::string_view();
}

// About as much as a URL takes with all around it.
constexpr std::size_t kUsualUrlBytes = 300;

// A metalink has some seventy URLs and a dozen digests, and is what most clients of a distribution
// ask for: no format strings here.
template <typename... Pieces>
void append(std::string& text, const Pieces&... pieces) {
  (text.append(pieces), ...);
}

std::string_view digits_of(const fmt::format_int& number) {
  return {number.data(), number.size()};
}

// What stands in <file> and in <mm0:alternate>.
void append_version(const Listing& listing, const snapshot::FileVersionRecord& version,
                    std::string_view indent, std::string& text) {
  if (version.timestamp != 0)
    append(text, indent, "<mm0:timestamp>", digits_of(fmt::format_int(version.timestamp)),
           "</mm0:timestamp>\n");
  if (version.size != 0)
    append(text, indent, "<size>", digits_of(fmt::format_int(version.size)), "</size>\n");
  append(text, indent, "<verification>\n");
  for (const snapshot::Digest digest : snapshot::kDigests) {
    const std::string_view bytes = listing.image.digest(version, digest);
    if (bytes.empty()) continue;
    append(text, indent, " <hash type=\"", digest_name(digest), "\">");
    base::append_hex(bytes, text);
    append(text, "</hash>\n");
  }
  append(text, indent, "</verification>\n");
}

void append_alternates(const Listing& listing, std::span<const snapshot::FileVersionRecord> older,
                       std::string& text) {
  if (older.empty()) return;
  text += "   <mm0:alternates>\n";
  for (const snapshot::FileVersionRecord& version : older) {
    text += "    <mm0:alternate>\n";
    append_version(listing, version, "     ", text);
    text += "    </mm0:alternate>\n";
  }
  text += "   </mm0:alternates>\n";
}

// <url> up to the country.
constexpr std::array<std::string_view, net::kSchemes.size()> kUrlBeginnings{
    "    <url protocol=\"https\" type=\"https\" location=\"",
    "    <url protocol=\"http\" type=\"http\" location=\"",
    "    <url protocol=\"ftp\" type=\"ftp\" location=\"",
    "    <url protocol=\"rsync\" type=\"rsync\" location=\""};

void append_resources(const Listing& listing, std::string& text) {
  constexpr std::size_t kBest = 100;
  std::size_t preference = kBest;
  const std::string ending = xml_escaped(listing.target.tail) + "</url>\n";
  std::string middle;  // the same for all of a host's
  append(text, "   <resources maxconnections=\"1\">\n");
  for (const selection::RankedHost& ranked : listing.selection.hosts) {
    middle = country_of(listing, ranked);
    append(middle, "\" preference=\"", digits_of(fmt::format_int(preference)),
           listing.host(ranked).is_private ? "\" mm0:private=\"True\">" : "\">");
    listing.for_each_url(ranked.host, [&](std::string_view base, net::Scheme scheme) {
      append(text, kUrlBeginnings[static_cast<std::size_t>(scheme)], middle);
      append_xml_escaped(base, text);
      text += ending;
    });
    preference = std::max<std::size_t>(1, preference - 1);
  }
  append(text, "   </resources>\n");
}

}  // namespace

std::string format_metalink(const Listing& listing, const snapshot::FileRecord& file) {
  const auto versions = listing.image.versions(file);
  const auto now = std::chrono::floor<std::chrono::seconds>(listing.now);
  std::string text;
  text.reserve((listing.selection.hosts.size() * 2 + 4) * kUsualUrlBytes);
  text += kProlog;
  append(
      text,
      "<metalink version=\"3.0\" xmlns=\"http://www.metalinker.org/\" type=\"dynamic\" pubdate=\"",
      base::internet_date(now),
      "\" generator=\"mirrorway\" xmlns:mm0=\"http://fedorahosted.org/mirrormanager\">\n"
      " <files>\n  <file name=\"",
      xml_escaped(listing.target.file), "\">\n");
  append_version(listing, versions.front(), "   ", text);
  append_alternates(listing, versions.subspan(1), text);
  append_resources(listing, text);
  text += "  </file>\n </files>\n</metalink>\n";
  return text;
}

std::string format_metalink4(const Listing& listing) {
  std::string text(kProlog);
  text += fmt::format(
      "<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">\n"
      " <generator>Mirrorway</generator>\n <published>{}</published>\n"
      " <file name=\"{}\">\n",
      base::rfc3339_date(std::chrono::floor<std::chrono::seconds>(listing.now)),
      xml_escaped(listing.target.file));
  if (const auto* file = listing.file()) {
    const auto& current = listing.image.versions(*file).front();
    if (current.size != 0) text += fmt::format("  <size>{}</size>\n", current.size);
    for (const snapshot::Digest digest : snapshot::kDigests) {
      const std::string_view bytes = listing.image.digest(current, digest);
      if (!bytes.empty())
        text += fmt::format("  <hash type=\"{}\">{}</hash>\n", digest_iana_name(digest),
                            base::to_hex(bytes));
    }
  }
  std::size_t priority = 0;
  const std::string tail = xml_escaped(listing.target.tail);
  for (const selection::RankedHost& ranked : listing.selection.hosts) {
    ++priority;
    const std::string country = base::lower_ascii(country_of(listing, ranked));
    listing.for_each_url(ranked.host, [&](std::string_view base, net::Scheme) {
      text += "  <url";
      if (!country.empty()) text.append(" location=\"").append(country) += '"';
      text += " priority=\"";
      text += digits_of(fmt::format_int(priority));
      text += "\">";
      append_xml_escaped(base, text);
      text += tail;
      text += "</url>\n";
    });
  }
  text += " </file>\n</metalink>\n";
  return text;
}

}  // namespace mirrorway::answer
