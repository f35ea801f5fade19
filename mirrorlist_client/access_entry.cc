#include "mirrorlist_client/access_entry.h"

#include <fmt/chrono.h>

#include <iterator>

#include <nlohmann/json.hpp>

#include "common/base/text.h"
#include "proto/names.h"

namespace mirrorway::mirrorlist_client {
namespace {

// A value that ends where it seems to end.
std::string mirrormanager_field(std::string_view text) {
  std::string value = base::printable(text);
  for (char& c : value)
    if (c == ';') c = '_';
  return value;
}

// In quotes, of ASCII alone; bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string_view text, std::string& line) {
  line += nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

void append_member(std::string_view name, std::string_view text, std::string& line) {
  fmt::format_to(std::back_inserter(line), ",\"{}\":", name);
  append_json_string(text, line);
}

// What Apache's log module does to the text of a request.
void append_combined_text(std::string_view text, std::string& line) {
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (c < ' ' || c > '~') {  // bytes past ASCII are negative or above
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      line += c;
    }
  }
}

void append_combined_header(std::string_view text, std::string& line) {
  line += " \"";
  append_combined_text(text.empty() ? "-" : text, line);
  line += '"';
}

// fmt's %b is the C locale's.
std::string utc(std::string_view format, std::chrono::system_clock::time_point time) {
  return fmt::format(fmt::runtime(format), fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

net::Address shortened(const net::Address& address) {
  constexpr unsigned kIpv4Bits = 24;
  constexpr unsigned kIpv6Bits = 48;
  return address.masked(address.family() == net::Family::kIpv4 ? kIpv4Bits : kIpv6Bits);
}

}  // namespace

AccessEntry begin_entry(const net::Address& client, const http::RequestHead& head) {
  AccessEntry entry;
  entry.time = std::chrono::system_clock::now();
  entry.started = std::chrono::steady_clock::now();
  entry.client = client;
  entry.method = head.method;
  entry.target = head.target;
  entry.is_http_1_0 = head.is_http_1_0;
  entry.user_agent = head.user_agent;
  entry.referer = head.referer;
  return entry;
}

base::Parsed<AccessFormat> parse_access_format(std::string_view text) {
  if (text == "json") return AccessFormat::kJson;
  if (text == "combined") return AccessFormat::kCombined;
  if (text == "mirrormanager") return AccessFormat::kMirrorManager;
  return base::refuse("\"{}\" is not known; there are json, combined and mirrormanager",
                      base::printable(text));
}

std::string format_entry(AccessFormat format, const AccessEntry& entry) {
  switch (format) {
    case AccessFormat::kJson:
      return format_json(entry);
    case AccessFormat::kCombined:
      return format_combined(entry);
    case AccessFormat::kMirrorManager:
      return format_mirrormanager(entry);
  }
  return {};
}

std::string format_json(const AccessEntry& entry) {
  using std::chrono::duration_cast;
  const auto since_epoch =
      duration_cast<std::chrono::milliseconds>(entry.time.time_since_epoch()).count();
  std::string line = fmt::format("{{\"time\":\"{}.{:03}Z\",\"client\":\"{}\"",
                                 utc("{:%Y-%m-%dT%H:%M:%S}", entry.time), since_epoch % 1'000,
                                 entry.client.text());
  append_member("method", entry.method, line);
  append_member("target", entry.target, line);
  const double seconds = std::chrono::duration<double>(entry.duration).count();
  fmt::format_to(std::back_inserter(line), ",\"status\":{},\"bytes\":{},\"duration\":{:.6f}",
                 entry.status, entry.bytes, seconds);
  append_member("form", entry.form ? proto::form_name(*entry.form) : "", line);
  append_member("repo", entry.repository, line);
  append_member("arch", entry.architecture, line);
  append_member("path", entry.path, line);
  append_member("country", entry.country, line);
  append_member("tier", proto::tier_name(entry.tier), line);
  append_member("user_agent", entry.user_agent, line);
  append_member("referer", entry.referer, line);
  line += '}';
  return line;
}

std::string format_combined(const AccessEntry& entry) {
  std::string line = fmt::format("{} - - [{}] \"", entry.client.text(),
                                 utc("{:%d/%b/%Y:%H:%M:%S +0000}", entry.time));
  if (entry.method.empty()) {
    line += '-';
  } else {
    append_combined_text(entry.method, line);
    line += ' ';
    append_combined_text(entry.target, line);
    line += entry.is_http_1_0 ? " HTTP/1.0" : " HTTP/1.1";
  }
  fmt::format_to(std::back_inserter(line), "\" {} ", entry.status);
  line += entry.bytes == 0 ? "-" : std::to_string(entry.bytes);
  append_combined_header(entry.referer, line);
  append_combined_header(entry.user_agent, line);
  return line;
}

std::string format_mirrormanager(const AccessEntry& entry) {
  constexpr unsigned kLeastError = 400;
  if (entry.repository.empty() || entry.status >= kLeastError) return {};
  return fmt::format("IP: {}; DATE: {}; COUNTRY: {}; REPO: {}; ARCH: {}",
                     entry.asked_for.value_or(entry.client).text(), utc("{:%Y-%m-%d}", entry.time),
                     entry.country.empty() ? "N/A" : mirrormanager_field(entry.country),
                     mirrormanager_field(entry.repository),
                     mirrormanager_field(entry.architecture));
}

void shorten_addresses(AccessEntry& entry) {
  entry.client = shortened(entry.client);
  if (entry.asked_for) entry.asked_for = shortened(*entry.asked_for);
}

}  // namespace mirrorway::mirrorlist_client
