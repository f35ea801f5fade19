#include "common/net/url.h"

#include <algorithm>

#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/net/address.h"

namespace mirrorway::net {
namespace {

constexpr std::size_t kMaxUrlBytes = 2000;
constexpr std::size_t kMaxHostBytes = 253;
constexpr std::uint64_t kMaxPort = 65535;

constexpr std::array<std::string_view, 4> kSchemeNames{"https", "http", "ftp", "rsync"};
constexpr std::array<std::uint64_t, 4> kDefaultPorts{443, 80, 21, 873};

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// One table look-up per byte: paths are encoded for every URL of every answer.
constexpr std::array<bool, 256> kIsPathByte = [] {
  std::array<bool, 256> table{};
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("-._~!&'()*+,;=:@/"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > kMaxHostBytes || host.front() == '.' || host.front() == '-')
    return false;
  return host.find("..") == std::string_view::npos &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return is_alphanumeric(c) || c == '.' || c == '-' || c == '_'; });
}

bool is_bracketed_ipv6(std::string_view host) {
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return false;
  const auto address = Address::parse(host.substr(1, host.size() - 2));
  return address && address->family() == Family::kIpv6;
}

// "host", "host:port" or "[v6]:port" in its one spelling.
base::Parsed<std::string> parse_authority(std::string_view authority, Scheme scheme) {
  if (authority.find('@') != std::string_view::npos)
    return base::refuse("a user name in front of \"@\" is not allowed");
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string host = base::lower_ascii(authority.substr(0, colon));
  if (!is_host_name(host) && !is_bracketed_ipv6(host))
    return base::refuse("\"{}\" is no host name", base::printable(host, 60));
  if (colon == std::string_view::npos) return host;
  const std::string_view digits = authority.substr(colon + 1);
  if (digits.empty()) return host;
  const auto port = base::parse_number(digits, kMaxPort);
  if (!port || *port == 0) return base::refuse("\"{}\" is no port", base::printable(digits, 60));
  if (*port == kDefaultPorts[static_cast<std::size_t>(scheme)]) return host;
  return fmt::format("{}:{}", host, *port);
}

}  // namespace

std::string_view scheme_name(Scheme scheme) {
  return kSchemeNames[static_cast<std::size_t>(scheme)];
}

std::optional<Scheme> find_scheme(std::string_view name) {
  const auto* const found = std::find_if(kSchemes.begin(), kSchemes.end(), [&](Scheme s) {
    return base::equal_ignoring_case(scheme_name(s), name);
  });
  return found == kSchemes.end() ? std::nullopt : std::optional(*found);
}

std::optional<Scheme> scheme_of(std::string_view url) {
  const std::size_t colon = url.find("://");
  return colon == std::string_view::npos ? std::nullopt : find_scheme(url.substr(0, colon));
}

base::Parsed<std::string> parse_base_url(std::string_view text) {
  if (text.size() > kMaxUrlBytes)
    return base::refuse("URL of {} bytes; at most {} are allowed", text.size(), kMaxUrlBytes);
  const auto bad = std::find_if(text.begin(), text.end(), [](char c) {
    return c <= ' ' || c >= 0x7F ||
           std::string_view("\"<>\\^`{|}?#").find(c) != std::string_view::npos;
  });
  if (bad != text.end())
    return base::refuse("\"{}\" has a character that no mirror URL may hold: \"{}\"",
                        base::printable(text), base::printable(std::string_view(&*bad, 1)));
  const auto scheme = scheme_of(text);
  if (!scheme)
    return base::refuse("\"{}\" does not start with https://, http://, ftp:// or rsync://",
                        base::printable(text));
  std::string_view rest = text.substr(scheme_name(*scheme).size() + 3);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const auto authority = parse_authority(rest.substr(0, slash), *scheme);
  if (!authority) return base::refuse("\"{}\": {}", base::printable(text), authority.reason());
  std::string_view path = rest.substr(slash);
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  if (const auto decoded = decode_percent(path); !decoded)
    return base::refuse("\"{}\": {}", base::printable(text), decoded.reason());
  return fmt::format("{}://{}{}", scheme_name(*scheme), *authority, path);
}

std::string_view host_part(std::string_view url) {
  const std::size_t begin = url.find("://") + 3;
  const std::string_view authority = url.substr(begin, url.find('/', begin) - begin);
  const std::size_t bracket = authority.rfind(']');
  return authority.substr(0, authority.find(':', bracket == std::string::npos ? 0 : bracket));
}

void sort_by_preference(std::vector<std::string>& urls) {
  std::sort(urls.begin(), urls.end(), [](const std::string& a, const std::string& b) {
    return std::pair(scheme_of(a), std::string_view(a)) <
           std::pair(scheme_of(b), std::string_view(b));
  });
}

void append_encoded_path(std::string_view path, std::string& url) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (kIsPathByte[byte]) {
      url += c;
    } else {
      url += '%';
      url += kDigits[byte >> 4U];
      url += kDigits[byte & 15U];
    }
  }
}

std::string encode_path(std::string_view path) {
  std::string encoded;
  append_encoded_path(path, encoded);
  return encoded;
}

std::string encode_component(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    // Of what a path may hold, these mean something in a query.
    constexpr std::string_view kMeaningful = "!&'()*+,;=:@/";
    if (kMeaningful.find(c) == std::string_view::npos) {
      append_encoded_path({&c, 1}, encoded);
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned>(c));
    }
  }
  return encoded;
}

base::Parsed<std::string> decode_percent(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const auto byte = base::from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1)
      return base::refuse("\"{}\": % without two hexadecimal digits", base::printable(text, 80));
    decoded += *byte;
    i += 2;
  }
  return decoded;
}

}  // namespace mirrorway::net
