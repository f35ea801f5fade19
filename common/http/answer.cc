#include "common/http/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace mirrorway::http {
namespace {

// In the order of proto::Tier.
constexpr std::array<std::string_view, proto::Tier_ARRAYSIZE> kTiers{
    "", "netblock", "asn", "research", "country", "continent", "global"};

bool is_error(unsigned status) {
  return status >= 400;
}

// By status: who may keep the answer, and what HTTP demands beside it.
std::vector<Header> usual_headers(unsigned status) {
  std::vector<Header> headers{
      {"Cache-Control", is_error(status) ? "no-store" : "private, max-age=60"}};
  if (status == 405) headers.push_back({"Allow", "GET, HEAD"});
  if (status == 503) headers.push_back({"Retry-After", "1"});
  return headers;
}

bool is_location(std::string_view text) {
  constexpr std::size_t kMaxBytes = 16 << 10U;
  return !text.empty() && text.size() <= kMaxBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

Answer make_error(unsigned status, std::string_view line) {
  return {status, std::string(line) + "\n", usual_headers(status)};
}

std::string format_date(std::chrono::sys_seconds time) {
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
      clock.seconds().count());
}

std::string encode_answer(const Answer& answer, std::string_view date, Body body,
                          Connection connection) {
  std::string bytes;
  constexpr std::size_t kUsualHeadBytes = 512;
  bytes.reserve(kUsualHeadBytes + answer.body.size());
  fmt::format_to(std::back_inserter(bytes),
                 "HTTP/1.1 {} {}\r\nDate: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n",
                 answer.status, reason_phrase(answer.status), date, kContentType,
                 answer.body.size());
  for (const Header& header : answer.headers) {
    bytes += header.name;
    bytes += ": ";
    bytes += header.value;
    bytes += "\r\n";
  }
  bytes += connection == Connection::kStays ? "Connection: keep-alive\r\n\r\n"
                                            : "Connection: close\r\n\r\n";
  if (body == Body::kSent) bytes += answer.body;
  return bytes;
}

std::optional<Answer> make_answer(proto::LookupResponse&& response) {
  constexpr std::array<unsigned, 5> kStatuses{200, 302, 400, 404, 503};
  const unsigned status = response.status();
  if (std::find(kStatuses.begin(), kStatuses.end(), status) == kStatuses.end()) return std::nullopt;
  Answer answer{status, std::move(*response.mutable_body()), usual_headers(status)};
  if (status == 302) {
    if (!is_location(response.location())) return std::nullopt;
    answer.headers.push_back({"Location", std::move(*response.mutable_location())});
  }
  if (proto::Tier_IsValid(response.found_via()) && response.found_via() != proto::NONE)
    answer.headers.push_back({"X-Mirrorway-Found-Via",
                              std::string(kTiers[static_cast<std::size_t>(response.found_via())])});
  return answer;
}

}  // namespace mirrorway::http
