#include "common/http/request_head.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <catch2/catch.hpp>

using namespace mirrorway;
using namespace mirrorway::http;

namespace {

// "METHOD target", then what is unusual; "incomplete"; or the error.
std::string head(std::string_view bytes) {
  const auto parsed = parse_head(bytes);
  if (std::holds_alternative<Incomplete>(parsed)) return "incomplete";
  if (const auto* problem = std::get_if<Problem>(&parsed))
    return fmt::format("{} {}", problem->status, problem->text);
  const auto& request = std::get<RequestHead>(parsed);
  std::string text = fmt::format("{} {}", request.method, request.target);
  if (request.is_http_1_0) text += " 1.0";
  if (!request.keeps_alive) text += " close";
  if (request.body_bytes > 0) text += fmt::format(" body={}", request.body_bytes);
  if (!request.forwarded.empty()) text += fmt::format(" for={}", fmt::join(request.forwarded, "|"));
  if (request.head_bytes != bytes.size())
    text += fmt::format(" +{}", bytes.size() - request.head_bytes);
  return text;
}

struct Row {
  std::string bytes;
  const char* expected;
};

}  // namespace

TEST_CASE("heads of requests are read") {
  const auto row = GENERATE(values<Row>({
      {"GET / HTTP/1.1\r\n\r\n", "GET /"},
      {"GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n", "GET /"},
      {"\r\n\r\nGET / HTTP/1.1\r\n\r\n", "GET /"},
      {"GET / HTTP/1.0\r\n\r\n", "GET / 1.0 close"},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / 1.0"},
      {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "GET / close"},
      {"GET / HTTP/1.1\r\nconnection: TE, Close\r\n\r\n", "GET / close"},
      {"GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n", "GET /"},
      {"GET / HTTP/1.1\r\nX-Forwarded-For: a, b\r\nX:\r\nx-forwarded-for:  c \r\n\r\n",
       "GET / for=a, b|c"},
      {"POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "POST /x body=3 +3"},
      {"GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "GET /"},
      {"GET / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", "GET / body=3"},
      {"GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n", "GET /a +19"},
      {"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
       "POST / close body=3"},
      {"GET http://a/b HTTP/1.1\r\n\r\n", "GET http://a/b"},
      {"FOO /\xC3\xA9?%zz HTTP/1.1\r\n\r\n", "FOO /\xC3\xA9?%zz"},
  }));
  CAPTURE(row.bytes);
  CHECK(head(row.bytes) == row.expected);
}

TEST_CASE("what the log tells of a client is in the head") {
  const auto parsed =
      parse_head("GET / HTTP/1.1\r\nuser-agent:  a b \r\nReferer: r\r\nUser-Agent: \xFF\"\r\n\r\n");
  const auto& request = std::get<RequestHead>(parsed);
  CHECK(request.user_agent == "\xFF\"");
  CHECK(request.referer == "r");
}

TEST_CASE("a head is incomplete until its empty line") {
  const std::string whole = "\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(head(whole.substr(0, length)) == "incomplete");
  }
  CHECK(head(whole) == "GET /x");
}

TEST_CASE("what is no request is refused with a status") {
  const auto row = GENERATE(values<Row>({
      {"GET /\r\n\r\n", "400 this is no HTTP request"},
      {"GET\r\n\r\n", "400 this is no HTTP request"},
      {"\x16\x03\x01\r\n", "400 this is no HTTP request"},
      {" GET / HTTP/1.1\r\n\r\n", "400 this is no HTTP request"},
      {"G@T / HTTP/1.1\r\n\r\n", "400 this is no HTTP request"},
      {"GET  HTTP/1.1\r\n\r\n", "400 the request target"},
      {"GET /a b HTTP/1.1\r\n\r\n", "400 the request target"},
      {"GET /a\tb HTTP/1.1\r\n\r\n", "400 the request target"},
      {std::string("GET /\0 HTTP/1.1\r\n\r\n", 19), "400 the request target"},
      {"GET / HTTP/2.0\r\n\r\n", "505 "},
      {"GET / HTTP/1.1\n\n", "400 a line does not end in CR LF"},
      {"GET / HTTP/1.1\r\nA: b\n\r\n", "400 a line does not end in CR LF"},
      {"GET / HTTP/1.1\r\nA: b\nX-Forwarded-For: c\r\n\r\n", "400 a line does not"},
      {"GET / HTTP/1.1\r\nA: b\r\n\n", "400 a line does not end in CR LF"},
      {"\nGET / HTTP/1.1\r\n\r\n", "400 a line does not end in CR LF"},
      {"\rGET / HTTP/1.1\r\n\r\n", "400 this is no HTTP request"},
      {"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", "400 there are several Host"},
      {"GET / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n", "400 a header field"},
      {"GET / HTTP/1.1\r\nTransfer-Encoding:\x0B chunked\r\n\r\n", "400 a header field"},
      {"GET / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n", "501 "},
      {"GET / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "501 "},
      {"GET / HTTP/1.1\r\nContent-Length: +3\r\n\r\n", "400 Content-Length"},
      {"GET / HTTP/1.1\r\nContent-Length: 0x3\r\n\r\n", "400 Content-Length"},
      {"GET / HTTP/1.1\r\nContent-Length:\r\n\r\n", "400 Content-Length"},
      {"GET / HTTP/1.1\r\nContent-Length: 18446744073709551617\r\n\r\n", "400 Content-Length"},
      // Known from its first line: nothing more is waited for.
      {"GET /\r\n", "400 this is no HTTP request"},
      {"PRI * HTTP/2.0\r\n", "505 "},
      {"GET / HTTP/1.1\n", "400 a line does not end in CR LF"},
      {"PRI * HTTP/2.0\r\n\r\n", "505 "},
      {"GET / HTTP/1.1\r\nHost\r\n\r\n", "400 a header field is malformed: \"Host\""},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400 a header field"},
      {"GET / HTTP/1.1\r\n: a\r\n\r\n", "400 a header field"},
      {"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "400 a header field is malformed: \" c\""},
      {"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "400 a header field"},
      {"GET / HTTP/1.1\r\nA: \x01\r\n\r\n", "400 a header field is malformed: \"A: \\x01\""},
      {"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400 Content-Length"},
      {"GET / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n", "400 Content-Length"},
      {"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400 Content-Length"},
      {"GET / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n", "413 "},
      {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "501 "},
  }));
  CAPTURE(row.bytes);
  CHECK_THAT(head(row.bytes), Catch::StartsWith(row.expected));
}

TEST_CASE("what is too long is refused before all of it is there") {
  CHECK_THAT(head(std::string(8300, 'a')), Catch::StartsWith("414 "));
  CHECK_THAT(head("GET /" + std::string(8300, 'a')), Catch::StartsWith("414 "));
  CHECK(head("GET /" + std::string(8000, 'a')) == "incomplete");
  CHECK_THAT(head("GET / HTTP/1.1\r\nA: " + std::string(17000, 'a')),
             Catch::StartsWith("431 the header fields have more than 16384 bytes"));
  CHECK_THAT(head(std::string(8, '\n')), Catch::StartsWith("400 "));
  std::string empty_lines;
  for (int i = 0; i < 9000; ++i) empty_lines += "\r\n";
  CHECK_THAT(head(empty_lines), Catch::StartsWith("431 "));
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  CHECK_THAT(head(many + "\r\n"), Catch::StartsWith("431 the request has too many"));
}
