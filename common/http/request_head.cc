#include "common/http/request_head.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/parsed.h"
#include "common/base/text.h"

namespace mirrorway::http {
namespace {

// Method, blanks and version beside the target.
constexpr std::size_t kMaxLineBytes = kMaxTargetBytes + 64;

// A character of a method's or a header's name (RFC 9110, token).
bool is_token_char(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_letter || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

// Bytes past ASCII are let through: some clients send paths unencoded.
bool is_target(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7F';
  });
}

bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7F';
  });
}

// A line ends in CR LF. A bare LF is where proxies and servers disagree: a proxy that takes it for
// a part of a value lets a client write headers of its own behind the proxy's.
Problem bare_lf() {
  return {400, "a line does not end in CR LF"};
}

// Takes the first line, without its end, off `rest`, which has one; nullopt when it is a bare LF.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (!line.ends_with('\r')) return std::nullopt;
  line.remove_suffix(1);
  return line;
}

// Behind the empty lines that may come before a request line (RFC 9112, 2.2).
std::size_t find_start(std::string_view bytes) {
  std::size_t start = 0;
  while (bytes.substr(start).starts_with("\r\n")) start += 2;
  return start;
}

// Behind the empty line that ends the head; nullopt when it is not there yet.
std::optional<std::size_t> find_end(std::string_view bytes, std::size_t start) {
  for (std::size_t at = bytes.find('\n', start); at != std::string_view::npos;
       at = bytes.find('\n', at + 1)) {
    const std::string_view next = bytes.substr(at + 1, 2);
    if (next.starts_with('\n')) return at + 2;
    if (next == "\r\n") return at + 3;
  }
  return std::nullopt;
}

std::optional<Problem> read_request_line(std::string_view& rest, RequestHead& head) {
  const auto taken = take_line(rest);
  if (!taken) return bare_lf();
  const std::string_view line = *taken;
  const std::size_t method_end = std::min(line.find(' '), line.size());
  const std::size_t version = line.rfind(' ');
  head.method = line.substr(0, method_end);
  if (!is_token(head.method) || version == std::string_view::npos || version <= method_end)
    return Problem{400, "this is no HTTP request"};
  head.target = line.substr(method_end + 1, version - method_end - 1);
  if (!is_target(head.target))
    return Problem{400, "the request target has blanks or control characters, or is empty"};
  const std::string_view protocol = line.substr(version + 1);
  if (protocol != "HTTP/1.1" && protocol != "HTTP/1.0")
    return Problem{505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  head.is_http_1_0 = protocol == "HTTP/1.0";
  head.keeps_alive = !head.is_http_1_0;
  return std::nullopt;
}

void read_connection(std::string_view value, RequestHead& head) {
  for (const std::string_view option : base::split(value, ',')) {
    if (base::equal_ignoring_case(base::trim(option), "close")) head.keeps_alive = false;
    if (head.is_http_1_0 && base::equal_ignoring_case(base::trim(option), "keep-alive"))
      head.keeps_alive = true;
  }
}

// Two different lengths are how requests are smuggled past a proxy.
std::optional<Problem> read_length(std::string_view value, std::optional<std::uint64_t>& length) {
  const auto number = base::parse_number(value, UINT64_MAX);
  if (!number || (length && *length != *number))
    return Problem{400, "Content-Length is no number, or there are several"};
  length = number;
  if (*number > kMaxBodyBytes) return Problem{413, "a request body is of no use here"};
  return std::nullopt;
}

std::optional<Problem> read_headers(std::string_view rest, RequestHead& head) {
  std::optional<std::uint64_t> length;
  std::size_t count = 0;
  bool has_host = false;
  while (true) {
    const auto taken = take_line(rest);
    if (!taken) return bare_lf();
    const std::string_view line = *taken;
    if (line.empty()) break;
    if (++count > kMaxHeaders) return Problem{431, "the request has too many header fields"};
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    const std::string_view raw = line.substr(std::min(colon + 1, line.size()));
    const std::string_view value = base::trim(raw);
    if (colon == line.size() || !is_token(name) || !is_value(raw))
      return Problem{400, "a header field is malformed: \"" + base::printable(line, 80) + '"'};
    if (base::equal_ignoring_case(name, "X-Forwarded-For")) {
      head.forwarded.push_back(value);
    } else if (base::equal_ignoring_case(name, "Accept")) {
      head.accept.push_back(value);
    } else if (base::equal_ignoring_case(name, "User-Agent")) {
      head.user_agent = value;
    } else if (base::equal_ignoring_case(name, "Referer")) {
      head.referer = value;
    } else if (base::equal_ignoring_case(name, "Connection")) {
      read_connection(value, head);
    } else if (base::equal_ignoring_case(name, "Content-Length")) {
      if (auto problem = read_length(value, length)) return problem;
    } else if (base::equal_ignoring_case(name, "Host")) {
      // Of no interest here, but two of them mean that somebody is to be deceived.
      if (std::exchange(has_host, true)) return Problem{400, "there are several Host fields"};
    } else if (base::equal_ignoring_case(name, "Expect")) {
      // Whether the body follows is the client's choice once it has the answer: the next request
      // could not be told from it.
      head.keeps_alive = false;
    } else if (base::equal_ignoring_case(name, "Transfer-Encoding")) {
      return Problem{501, "a request body is of no use here"};
    }
  }
  head.body_bytes = length.value_or(0);
  return std::nullopt;
}

}  // namespace

std::variant<Incomplete, RequestHead, Problem> parse_head(std::string_view bytes) {
  const std::size_t start = find_start(bytes);
  const std::size_t line_end = bytes.find('\n', start);
  const std::size_t line_bytes = std::min(line_end, bytes.size()) - start;
  if (line_bytes > kMaxLineBytes)
    return Problem{414, fmt::format("the request line is too long; a target may have {} bytes",
                                    kMaxTargetBytes)};
  const auto end = find_end(bytes, start);
  const std::size_t used = end.value_or(bytes.size());
  if (used - line_bytes > kMaxHeaderBytes)
    return Problem{431, fmt::format("the header fields have more than {} bytes", kMaxHeaderBytes)};
  RequestHead head;
  std::string_view rest = bytes.substr(start, used - start);
  // Without waiting for the rest of the head, which a client that speaks something else never
  // sends.
  if (line_end != std::string_view::npos)
    if (auto problem = read_request_line(rest, head)) return *std::move(problem);
  if (!end) return Incomplete{};
  head.head_bytes = *end;
  if (auto problem = read_headers(rest, head)) return *std::move(problem);
  return head;
}

}  // namespace mirrorway::http
