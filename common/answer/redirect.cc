#include "common/answer/redirect.h"

#include "common/answer/file_facts.h"
#include "common/base/text.h"
#include "common/net/country.h"
#include "common/net/url.h"

namespace mirrorway::answer {
namespace {

// False when it would become too long.
bool append_link(const std::string& link, std::string& value) {
  if (value.size() + 2 + link.size() > kMaxLinkBytes) return false;
  if (!value.empty()) value += ", ";
  value += link;
  return true;
}

// The URL on this service of the file that is redirected to.
std::string own_url(const Listing& listing) {
  const std::string& asked = listing.request.url_path();  // perhaps without the file's ending
  return net::encode_path(asked.substr(0, asked.rfind('/') + 1) + listing.target.file);
}

// The mirror in Location is the first; these are the second and so on.
std::string format_links(const Listing& listing) {
  std::string value;
  append_link(fmt::format("<{}.meta4>; rel=describedby; type=\"application/metalink4+xml\"",
                          own_url(listing)),
              value);
  const auto& hosts = listing.selection.hosts;
  for (std::size_t i = 1; i < hosts.size(); ++i) {
    std::string link =
        fmt::format("<{}>; rel=duplicate; pri={}", listing.best_url(hosts[i].host), i + 1);
    if (const auto country = net::CountryCode::from_index(listing.host(hosts[i]).country))
      link += "; geo=" + base::lower_ascii(country->text());
    if (!append_link(link, value)) break;
  }
  return value;
}

}  // namespace

bool set_redirect(const Listing& listing, proto::LookupResponse& response) {
  if (listing.selection.hosts.empty()) return false;
  response.set_location(listing.best_url(listing.selection.hosts.front().host));
  if (listing.target.file.empty() || listing.request.url_path().empty()) return true;
  response.set_link(format_links(listing));
  if (const auto* file = listing.file()) {
    const auto& current = listing.image.versions(*file).front();
    response.set_digest(format_digest_header(listing.image, current));
    response.set_repr_digest(format_repr_digest_header(listing.image, current));
  }
  return true;
}

}  // namespace mirrorway::answer
