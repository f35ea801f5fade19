// Request lines and headers of HTTP/1.0 and 1.1 (RFC 9112), as far as a service without bodies
// needs them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "common/http/problem.h"

namespace mirrorway::http {

// Of everything but the request line. Past this a request is answered with 431.
inline constexpr std::size_t kMaxHeaderBytes = 16 << 10U;
inline constexpr std::size_t kMaxHeaders = 100;
// A body means nothing here; up to this length it is read and dropped.
inline constexpr std::size_t kMaxBodyBytes = 64 << 10U;

// All views are into the bytes that were parsed.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  std::vector<std::string_view> forwarded;  // every X-Forwarded-For, in order
  std::vector<std::string_view> accept;     // every Accept
  std::string_view user_agent;              // for the log; the last, where there are several
  std::string_view referer;                 // as user_agent
  bool is_http_1_0 = false;
  bool keeps_alive = true;       // the client wants the connection to stay
  std::uint64_t body_bytes = 0;  // follow the head
  std::size_t head_bytes = 0;
};

// More bytes are needed.
struct Incomplete {};

// Of the head at the start of `bytes`; what follows it is not looked at. A Problem means that the
// stream is out of step: answer it, then close. A bare LF, folded lines, blanks before a colon,
// control characters and several Hosts are refused, for a proxy might read them in another way than
// this. Bounded: never Incomplete for more than kMaxTargetBytes + kMaxHeaderBytes and a
// little.
std::variant<Incomplete, RequestHead, Problem> parse_head(std::string_view bytes);

}  // namespace mirrorway::http
