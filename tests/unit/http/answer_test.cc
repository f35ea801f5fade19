#include "common/http/answer.h"

#include <catch2/catch.hpp>

using namespace mirrorway;
using namespace mirrorway::http;

namespace {

std::string headers(const Answer& answer) {
  std::string text;
  for (const Header& header : answer.headers)
    text += std::string(header.name) + ": " + header.value + "\n";
  return text;
}

proto::LookupResponse response(unsigned status) {
  proto::LookupResponse message;
  message.set_status(status);
  message.set_body("# repo = a arch = b \n");
  return message;
}

proto::LookupResponse redirect_to(const char* location) {
  auto message = response(302);
  message.set_location(location);
  return message;
}

}  // namespace

TEST_CASE("a list may be kept for a minute by its client alone") {
  auto message = response(200);
  message.set_found_via(proto::CONTINENT);
  const auto answer = make_answer(std::move(message));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == "# repo = a arch = b \n");
  CHECK(headers(*answer) ==
        "Cache-Control: private, max-age=60\nAccess-Control-Allow-Origin: "
        "*\nX-Mirrorway-Found-Via: continent\n");
}

TEST_CASE("every tier has its name") {
  struct Row {
    proto::Tier tier;
    const char* name;
  };
  const auto row = GENERATE(values<Row>({{proto::NETBLOCK, "netblock"},
                                         {proto::ASN, "asn"},
                                         {proto::RESEARCH, "research"},
                                         {proto::COUNTRY, "country"},
                                         {proto::CONTINENT, "continent"},
                                         {proto::GLOBAL, "global"}}));
  auto message = response(200);
  message.set_found_via(row.tier);
  CHECK_THAT(headers(*make_answer(std::move(message))), Catch::Contains(row.name));
}

TEST_CASE("a list without mirrors was found nowhere") {
  CHECK_THAT(headers(*make_answer(response(200))), !Catch::Contains("Found-Via"));
}

TEST_CASE("errors are kept by nobody") {
  CHECK(headers(*make_answer(response(404))) ==
        "Cache-Control: no-store\nAccess-Control-Allow-Origin: *\n");
  CHECK(headers(make_error(400, "x")) ==
        "Cache-Control: no-store\nAccess-Control-Allow-Origin: *\n");
  CHECK(make_error(400, "x").body == "x\n");
  CHECK(headers(make_error(405, "x")) ==
        "Cache-Control: no-store\nAccess-Control-Allow-Origin: *\nAllow: GET, HEAD\n");
  CHECK(headers(make_error(503, "x")) ==
        "Cache-Control: no-store\nAccess-Control-Allow-Origin: *\nRetry-After: 1\n");
}

TEST_CASE("a redirect has its place") {
  CHECK_THAT(headers(*make_answer(redirect_to("https://mirror.example/a%20b/"))),
             Catch::Contains("Location: https://mirror.example/a%20b/\n"));
}

TEST_CASE("what the server may not say is not passed on") {
  CHECK_FALSE(make_answer(response(0)).has_value());
  CHECK_FALSE(make_answer(response(500)).has_value());
  CHECK_FALSE(make_answer(response(302)).has_value());
}

TEST_CASE("every form has its media type") {
  struct Row {
    proto::Form form;
    const char* type;
  };
  const auto row = GENERATE(values<Row>({{proto::MIRRORLIST, "text/plain; charset=utf-8"},
                                         {proto::METALINK, "application/metalink+xml"},
                                         {proto::METALINK4, "application/metalink4+xml"},
                                         {proto::JSON, "application/json"},
                                         {proto::HTML, "text/html; charset=utf-8"},
                                         {proto::APT, "text/plain; charset=utf-8"},
                                         {proto::SHA256, "text/plain; charset=utf-8"}}));
  auto message = response(200);
  message.set_form(row.form);
  const auto answer = make_answer(std::move(message));
  CHECK(answer->content_type == row.type);
  CHECK(make_error(404, "x", {row.form, false}).content_type == row.type);
}

TEST_CASE("what was negotiated says so") {
  CHECK_THAT(headers(*make_answer(response(200), {proto::MIRRORLIST, true})),
             Catch::Contains("Vary: Accept\n"));
  CHECK_THAT(headers(make_error(404, "x", {proto::JSON, true})), Catch::Contains("Vary: Accept\n"));
  CHECK_THAT(headers(*make_answer(response(200))), !Catch::Contains("Vary"));
}

TEST_CASE("a metalink of a file is kept beside the file, not in its place") {
  const Wish wish{proto::METALINK4, true, "a \"b\"ü.iso.meta4"};
  auto message = response(200);
  message.set_form(proto::METALINK4);
  CHECK_THAT(headers(*make_answer(std::move(message), wish)),
             Catch::Contains("Content-Disposition: attachment; "
                             "filename*=UTF-8''a%20%22b%22%C3%BC.iso.meta4\n"));
  // The file itself, in place of the metalink that there is none of.
  auto redirect = redirect_to("https://m/a.iso");
  redirect.set_form(proto::REDIRECT);
  CHECK_THAT(headers(*make_answer(std::move(redirect), wish)),
             !Catch::Contains("Content-Disposition"));
}

TEST_CASE("an error is well-formed in its form whatever is in it") {
  struct Row {
    proto::Form form;
    const char* text;
    const char* body;
  };
  const char* const hostile = "a -- b --><x> & \"q\"\n# c\x01-";
  const auto row = GENERATE_COPY(values<Row>({
      {proto::MIRRORLIST, "# a\n# b", "# a\n# b\n"},
      {proto::METALINK, hostile,
       "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<metalink version=\"3.0\" "
       "xmlns=\"http://www.metalinker.org/\" type=\"dynamic\" "
       "xmlns:mm0=\"http://fedorahosted.org/mirrormanager\">\n"
       "<!-- a - - b - -><x> & \"q\"\n# c\xEF\xBF\xBD- \n-->\n</metalink>\n"},
      {proto::METALINK4, "x",
       "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
       "<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">\n<!-- x\n-->\n</metalink>\n"},
      {proto::JSON, "a\"\n\xFF", "{\"status\": 404, \"error\": \"a\\\"\\n\\ufffd\"}\n"},
  }));
  CHECK(make_error(404, row.text, {row.form, false}).body == row.body);
  CHECK_THAT(
      make_error(404, hostile, {proto::HTML, false}).body,
      Catch::Contains("<pre>a -- b --&gt;&lt;x&gt; &amp; &quot;q&quot;\n# c\xEF\xBF\xBD-</pre>"));
}

TEST_CASE("a page may run nothing and load nothing") {
  auto message = response(200);
  message.set_form(proto::HTML);
  CHECK_THAT(headers(*make_answer(std::move(message))),
             Catch::Contains("Content-Security-Policy: default-src 'none';"));
}

TEST_CASE("a redirect carries the links and digests of its file") {
  auto message = redirect_to("https://a/b");
  message.set_link("<https://c/b>; rel=duplicate; pri=2");
  message.set_digest("MD5=YQ==");
  message.set_repr_digest("sha-256=:YQ==:");
  CHECK_THAT(headers(*make_answer(std::move(message))),
             Catch::EndsWith("Link: <https://c/b>; rel=duplicate; pri=2\nDigest: MD5=YQ==\n"
                             "Repr-Digest: sha-256=:YQ==:\n"));
  auto hostile = redirect_to("https://a/b");
  hostile.set_link("<https://c/\r\nSet-Cookie: x>");
  const auto answer = make_answer(std::move(hostile));
  CHECK_FALSE(answer.has_value());
}

TEST_CASE("a redirect to what is no URL is not passed on") {
  const auto* const location = GENERATE("https://a/\r\nSet-Cookie: x", "https://a/ b",
                                        "https://a/\x7F", "https://\xC3\xA9/");
  CHECK_FALSE(make_answer(redirect_to(location)).has_value());
}

TEST_CASE("answers are written with what every client needs") {
  const Answer answer{200, "text/plain; charset=utf-8", "# list\n", {{"Cache-Control", "x"}}};
  CHECK(encode_head(answer, "now", http::Connection::kStays) ==
        "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: 7\r\nCache-Control: x\r\nConnection: keep-alive\r\n\r\n");
  CHECK_THAT(encode_head(answer, "now", http::Connection::kCloses),
             Catch::EndsWith("Connection: close\r\n\r\n"));
}
