#include "common/answer/page.h"

#include "common/answer/file_facts.h"
#include "common/answer/reasons.h"
#include "common/base/date.h"
#include "common/base/digest.h"
#include "common/base/escape.h"
#include "common/net/country.h"
#include "common/net/url.h"

namespace mirrorway::answer {
namespace {

using base::append_xml_escaped;
using base::xml_escaped;

// On narrow screens every row becomes a block, so that nothing has to be scrolled sideways.
constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; line-height: 1.3; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
a { overflow-wrap: anywhere; }
a:focus-visible { outline: 3px solid; outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem .4rem 0; border-bottom: 1px solid #8886; }
code { overflow-wrap: anywhere; }
nav a { margin-right: 1rem; }
.best { font-size: 1.1rem; }
@media (max-width: 40rem) {
  thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid #8886; }
  th, td { display: block; padding: 0; border: 0; }
}
)";

// Unix seconds. Nothing is promised for the calendar from here on.
constexpr std::int64_t kYear10000 = 253'402'300'800;

std::string subject_text(const Subject& subject) {
  return subject.repository.empty()
             ? "/" + subject.path
             : fmt::format("{} for {}", subject.repository, subject.architecture);
}

// A reference to this same list in another form, as a query.
std::string form_reference(const Listing& listing, std::string_view form) {
  const proto::LookupRequest& request = listing.request;
  std::string query = "?mirrorlist";
  if (request.url_path().empty())
    query = listing.subject.repository.empty()
                ? "?path=" + net::encode_component(listing.subject.path)
                : fmt::format("?repo={}&arch={}", net::encode_component(listing.subject.repository),
                              net::encode_component(listing.subject.architecture));
  query += fmt::format("&format={}", form);
  if (!request.countries().empty())
    query +=
        "&country=" + net::encode_component(fmt::format("{}", fmt::join(request.countries(), ",")));
  for (int i = 0; i < request.schemes_size(); ++i) {
    query += i == 0 ? "&protocol=" : ",";
    query += net::scheme_name(static_cast<net::Scheme>(request.schemes(i)));
  }
  if (request.is_pretended())
    if (const auto address = net::Address::from_bytes(request.client_address()))
      query += "&ip=" + net::encode_component(address->text());
  if (request.skip_networks()) query += "&netblock=0";
  return query;
}

void append_link(std::string_view reference, std::string_view label, std::string& html) {
  html += "<a href=\"";
  append_xml_escaped(reference, html);
  html += "\">";
  append_xml_escaped(label, html);
  html += "</a>";
}

void append_head(const Listing& listing, std::string& html) {
  const std::string title = xml_escaped("Mirrors of " + subject_text(listing.subject));
  html += "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  html += "<meta name=\"robots\" content=\"noindex\">\n";
  // Without it browsers ask for /favicon.ico, and complain that it is not there.
  html += "<link rel=\"icon\" href=\"data:,\">\n";
  html +=
      fmt::format("<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n",
                  title, kStyle);
}

std::string client_text(const selection::Client& client) {
  std::string text = client.address.text();
  if (client.country) text += fmt::format(", country {}", client.country->text());
  if (client.asn) text += fmt::format(", network AS{}", *client.asn);
  return text;
}

void append_best(const Listing& listing, std::string& html) {
  const auto& hosts = listing.selection.hosts;
  if (hosts.empty()) {
    html += "<p>No mirror has this at present.</p>\n";
    return;
  }
  const std::string url = listing.best_url(hosts.front().host);
  html += "<p class=\"best\">The best for you: ";
  append_link(url, url, html);
  html += "</p>\n";
}

// Only what exists: a metalink needs digests.
void append_forms(const Listing& listing, std::string& html) {
  html += "<nav aria-label=\"This list in other forms\">\n";
  append_link(form_reference(listing, "text"), "As text", html);
  html += '\n';
  append_link(form_reference(listing, "json") + "&explain=1", "As JSON, with the reasons", html);
  html += '\n';
  if (!listing.target.file.empty()) {
    append_link(form_reference(listing, "meta4"), "Metalink 4", html);
    html += '\n';
  }
  const auto* file = listing.file();
  if (file != nullptr && has_digest(listing.image, *file)) {
    append_link(form_reference(listing, "metalink"), "Metalink 3", html);
    html += '\n';
  }
  html += "</nav>\n";
}

void append_mirror(const Listing& listing, const selection::RankedHost& ranked,
                   std::size_t position, std::string& html) {
  const snapshot::HostRecord& host = listing.host(ranked);
  const auto country = net::CountryCode::from_index(host.country);
  html += fmt::format("<tr><td>{}.</td><th scope=\"row\">", position);
  append_xml_escaped(listing.image.text(host.name), html);
  if (host.is_private) html += " (private)";
  html += "</th><td>";
  listing.for_each_url(ranked.host, [&](std::string_view base, net::Scheme scheme) {
    html += "<a href=\"";
    append_xml_escaped(base, html);
    append_xml_escaped(listing.target.tail, html);
    html += "\" aria-label=\"";
    append_xml_escaped(listing.image.text(host.name), html);
    html += fmt::format(" by {0}\">{0}</a> ", net::scheme_name(scheme));
  });
  html += fmt::format("</td><td>{}</td><td>", country ? country->text() : "unknown");
  append_xml_escaped(describe_kept(listing, ranked), html);
  html += "</td></tr>\n";
}

void append_mirrors(const Listing& listing, std::string& html) {
  const std::size_t count = listing.selection.hosts.size();
  if (count == 0) return;
  html += count == 1 ? std::string("<h2>1 mirror</h2>\n")
                     : fmt::format("<h2>{} mirrors, the best first</h2>\n", count);
  html +=
      "<table>\n<thead><tr><th scope=\"col\">Place</th><th scope=\"col\">Mirror</th>"
      "<th scope=\"col\">Links</th><th scope=\"col\">Country</th>"
      "<th scope=\"col\">Why it is here</th></tr></thead>\n<tbody>\n";
  std::size_t position = 0;
  for (const selection::RankedHost& ranked : listing.selection.hosts)
    append_mirror(listing, ranked, ++position, html);
  html += "</tbody>\n</table>\n";
}

// "1994-11-06 08:49"
std::string minute_text(std::int64_t unix_seconds) {
  const std::string date =
      base::rfc3339_date(std::chrono::sys_seconds(std::chrono::seconds(unix_seconds)));
  return date.substr(0, 10) + ' ' + date.substr(11, 5);
}

std::string file_facts(const Listing& listing, const snapshot::FileVersionRecord& version) {
  std::string html;
  if (version.size != 0) html += fmt::format("<dt>Size</dt><dd>{} bytes</dd>\n", version.size);
  if (version.timestamp > 0 && version.timestamp < kYear10000)
    html += fmt::format("<dt>Date</dt><dd>{} UTC</dd>\n", minute_text(version.timestamp));
  for (const snapshot::Digest digest : snapshot::kDigests) {
    const std::string_view bytes = listing.image.digest(version, digest);
    if (!bytes.empty())
      html += fmt::format("<dt>{}</dt><dd><code>{}</code></dd>\n", digest_name(digest),
                          base::to_hex(bytes));
  }
  return html;
}

void append_file(const Listing& listing, std::string& html) {
  const auto* file = listing.file();
  if (file == nullptr) return;
  const std::string facts = file_facts(listing, listing.image.versions(*file).front());
  if (!facts.empty()) html += "<h2>The file</h2>\n<dl>\n" + facts + "</dl>\n";
}

}  // namespace

std::string format_page(const Listing& listing) {
  std::string html;
  append_head(listing, html);
  append_best(listing, html);
  append_forms(listing, html);
  append_file(listing, html);
  append_mirrors(listing, html);
  html += fmt::format("<h2>Why these</h2>\n<p>You are asking from {}. ",
                      xml_escaped(client_text(listing.client)));
  html +=
      "Mirrors in your own network come first, then those of your country, your continent and the "
      "rest of the world; among equals the choice follows their bandwidth.</p>\n";
  html += "</main>\n</body>\n</html>\n";
  return html;
}

}  // namespace mirrorway::answer
