// What the access log tells of a request, and the formats in which it does.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/parsed.h"
#include "common/http/request_head.h"
#include "common/net/address.h"
#include "proto/lookup.pb.h"

namespace mirrorway::mirrorlist_client {

// Texts are as the client sent them: every format escapes what could break its lines.
struct AccessEntry {
  std::chrono::system_clock::time_point time;  // of the request
  std::chrono::steady_clock::time_point started;
  net::Address client;
  // Of the request line; empty for what was no request.
  std::string method;
  std::string target;
  bool is_http_1_0 = false;
  std::string user_agent;
  std::string referer;
  // What was asked for, as far as that was understood.
  std::optional<net::Address> asked_for;  // who was answered: `client`, or whom ip= names
  std::string repository;
  std::string architecture;
  std::string path;
  // The answer.
  unsigned status = 0;
  std::optional<proto::Form> form;
  proto::Tier tier = proto::NONE;
  std::string country;      // of asked_for: two letters; empty: unknown
  std::uint64_t bytes = 0;  // of its body, as sent
  std::chrono::nanoseconds duration{0};
};

// Of a request from `client`; the answer is to follow.
AccessEntry begin_entry(const net::Address& client, const http::RequestHead& head);

enum class AccessFormat : std::uint8_t { kJson, kCombined, kMirrorManager };

// "json", "combined" or "mirrormanager".
base::Parsed<AccessFormat> parse_access_format(std::string_view text);

// The line without its LF; empty when the format has none for such a request.
std::string format_entry(AccessFormat format, const AccessEntry& entry);

// One JSON object, of ASCII alone; what is not known is "".
std::string format_json(const AccessEntry& entry);

// As Apache's "combined" (NCSA): bytes that could mislead a reader are \", \\ or \xhh.
std::string format_combined(const AccessEntry& entry);

// As MirrorManager writes it, and statistics made for it read it: "IP: …; DATE: …; COUNTRY: …;
// REPO: …; ARCH: …", for requests that named a repository and were answered. What could break the
// line is escaped. Dates are in UTC.
std::string format_mirrormanager(const AccessEntry& entry);

// With addresses cut to their networks, /24 and /48, so that the log names nobody's machine.
void shorten_addresses(AccessEntry& entry);

}  // namespace mirrorway::mirrorlist_client
