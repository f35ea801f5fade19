// Mirror URLs, and percent-encoding (RFC 3986).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/parsed.h"

namespace mirrorway::net {

// In the order in which one of a host's URLs is preferred.
enum class Scheme : std::uint8_t { kHttps, kHttp, kFtp, kRsync };
inline constexpr std::array<Scheme, 4> kSchemes{Scheme::kHttps, Scheme::kHttp, Scheme::kFtp,
                                                Scheme::kRsync};

std::string_view scheme_name(Scheme scheme);
// Either case.
std::optional<Scheme> find_scheme(std::string_view name);

// The scheme of a URL that base_url accepted; it is at the very start.
std::optional<Scheme> scheme_of(std::string_view url);

// "a.example" of "http://a.example:8080/pub", "[2001:db8::1]" of "ftp://[2001:db8::1]/", which
// base_url accepted.
std::string_view host_part(std::string_view url);

// The preferred scheme first, then by text. All are URLs that parse_base_url accepted.
void sort_by_preference(std::vector<std::string>& urls);

// Checks the base URL of a mirror and returns its one spelling: scheme and host in lower case, no
// default port, no slash at the end. Refuses what is no absolute http, https, ftp or rsync URL, and
// user names, queries, fragments, blanks, control and non-ASCII characters: package managers must
// be able to append a path.
base::Parsed<std::string> parse_base_url(std::string_view text);

// Every byte but letters, digits and "-._~!&'()*+,;=:@/" becomes %XX: safe in the path of a URL, in
// a header and as one word of a text line. '$' is legal in a path, but dnf and pacman would
// substitute variables. Takes raw bytes; '%' is encoded as any other.
std::string encode_path(std::string_view path);
// The same, appended to `url`: the way to build many URLs without temporaries.
void append_encoded_path(std::string_view path, std::string& url);

// Every byte but letters, digits and "-._~" becomes %XX: safe as a name or value in a query.
std::string encode_component(std::string_view text);

// What dnf replaces with the client's architecture in the URLs of a list.
inline constexpr std::string_view kArchitectureVariable = "$basearch";

// Refuses a '%' without two hexadecimal digits after it. '+' stays a plus sign.
base::Parsed<std::string> decode_percent(std::string_view text);

}  // namespace mirrorway::net
