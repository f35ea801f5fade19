#include "common/http/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/base/escape.h"
#include "common/net/url.h"
#include "proto/names.h"

namespace mirrorway::http {
namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";

std::string_view content_type_of(proto::Form form) {
  switch (form) {
    case proto::METALINK:
      return "application/metalink+xml";
    case proto::METALINK4:
      return "application/metalink4+xml";
    case proto::JSON:
      return "application/json";
    case proto::HTML:
      return "text/html; charset=utf-8";
    default:
      return kText;
  }
}

// Long lines are broken, so that a phone need not scroll sideways.
constexpr std::string_view kErrorStyle =
    ":root { color-scheme: light dark; } body { font: 1rem/1.5 system-ui, sans-serif; "
    "max-width: 60rem; margin: 0 auto; padding: 1rem; } "
    "pre { white-space: pre-wrap; overflow-wrap: anywhere; }";

// In quotes, of ASCII alone.
std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

bool is_error(unsigned status) {
  return status >= 400;
}

// By status and form: who may keep and use the answer, and what HTTP demands beside it.
std::vector<Header> usual_headers(unsigned status, const Wish& wish, proto::Form form) {
  std::vector<Header> headers{
      {"Cache-Control", is_error(status) ? "no-store" : "private, max-age=60"},
      {"Access-Control-Allow-Origin", "*"}};
  if (wish.is_negotiated) headers.push_back({"Vary", "Accept"});
  if (status == 405) headers.push_back({"Allow", "GET, HEAD"});
  if (status == 503) headers.push_back({"Retry-After", "1"});
  if (form == proto::HTML) {
    headers.push_back({"Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                       "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"});
    headers.push_back({"X-Content-Type-Options", "nosniff"});
  }
  return headers;
}

// Of lines of text, as they stand in the document.
std::string error_body(unsigned status, std::string_view text, proto::Form form) {
  switch (form) {
    case proto::METALINK:
      return fmt::format(
          "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
          "<metalink version=\"3.0\" xmlns=\"http://www.metalinker.org/\" type=\"dynamic\" "
          "xmlns:mm0=\"http://fedorahosted.org/mirrormanager\">\n<!-- {}\n-->\n</metalink>\n",
          base::xml_comment(text));
    case proto::METALINK4:
      return fmt::format(
          "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
          "<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">\n<!-- {}\n-->\n</metalink>\n",
          base::xml_comment(text));
    case proto::JSON:
      return fmt::format("{{\"status\": {}, \"error\": {}}}\n", status, json_string(text));
    case proto::HTML:
      return fmt::format(
          "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n<title>{0} {1}</title>\n<style>{3}</style>\n"
          "</head>\n<body>\n<main>\n"
          "<h1>{1}</h1>\n<pre>{2}</pre>\n</main>\n</body>\n</html>\n",
          status, reason_phrase(status), base::xml_escaped(text), kErrorStyle);
    default:
      return std::string(text) + '\n';
  }
}

// For a header: without line breaks and other control characters.
bool is_header_value(std::string_view text) {
  constexpr std::size_t kMaxBytes = 16 << 10U;
  return text.size() <= kMaxBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7F'; });
}

bool is_location(std::string_view text) {
  return !text.empty() && is_header_value(text) && text.find(' ') == std::string_view::npos;
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
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

Answer make_error(unsigned status, std::string_view text, const Wish& wish) {
  return {status, content_type_of(wish.form), error_body(status, text, wish.form),
          usual_headers(status, wish, wish.form)};
}

std::string encode_head(const Answer& answer, std::string_view date, Connection connection) {
  std::string head;
  constexpr std::size_t kUsualHeadBytes = 512;
  head.reserve(kUsualHeadBytes);
  const auto append = [&head](const auto&... pieces) { (head.append(pieces), ...); };
  append("HTTP/1.1 ", fmt::format_int(answer.status).c_str(), " ", reason_phrase(answer.status),
         "\r\nDate: ", date, "\r\nContent-Type: ", answer.content_type,
         "\r\nContent-Length: ", fmt::format_int(answer.body.size()).c_str(), "\r\n");
  for (const Header& header : answer.headers) append(header.name, ": ", header.value, "\r\n");
  append(connection == Connection::kStays ? "Connection: keep-alive\r\n\r\n"
                                          : "Connection: close\r\n\r\n");
  return head;
}

std::optional<Answer> make_answer(proto::LookupResponse&& response, const Wish& wish) {
  constexpr std::array<unsigned, 5> kStatuses{200, 302, 400, 404, 503};
  const unsigned status = response.status();
  if (std::find(kStatuses.begin(), kStatuses.end(), status) == kStatuses.end()) return std::nullopt;
  if (is_error(status)) {
    std::string_view text = response.body();
    while (text.ends_with('\n')) text.remove_suffix(1);
    return make_error(status, text, wish);
  }
  Answer answer{status, content_type_of(response.form()), std::move(*response.mutable_body()),
                usual_headers(status, wish, response.form())};
  if (status == 302) {
    if (!is_location(response.location())) return std::nullopt;
    answer.headers.push_back({"Location", std::move(*response.mutable_location())});
  }
  if (const auto tier = tier_name(response.found_via()); !tier.empty())
    answer.headers.push_back({"X-Mirrorway-Found-Via", std::string(tier)});
  if (status == 200 && response.form() == wish.form && !wish.file_name.empty())
    answer.headers.push_back({"Content-Disposition", "attachment; filename*=UTF-8''" +
                                                         net::encode_component(wish.file_name)});
  for (auto& [name, value] :
       {std::pair("Link", response.mutable_link()), std::pair("Digest", response.mutable_digest()),
        std::pair("Repr-Digest", response.mutable_repr_digest())}) {
    if (!is_header_value(*value)) return std::nullopt;
    if (!value->empty()) answer.headers.push_back({name, std::move(*value)});
  }
  return answer;
}

}  // namespace mirrorway::http
