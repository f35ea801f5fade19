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
        "Cache-Control: private, max-age=60\nX-Mirrorway-Found-Via: continent\n");
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
  CHECK(headers(*make_answer(response(404))) == "Cache-Control: no-store\n");
  CHECK(headers(make_error(400, "x")) == "Cache-Control: no-store\n");
  CHECK(make_error(400, "x").body == "x\n");
  CHECK(headers(make_error(405, "x")) == "Cache-Control: no-store\nAllow: GET, HEAD\n");
  CHECK(headers(make_error(503, "x")) == "Cache-Control: no-store\nRetry-After: 1\n");
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

TEST_CASE("a redirect to what is no URL is not passed on") {
  const auto* const location = GENERATE("https://a/\r\nSet-Cookie: x", "https://a/ b",
                                        "https://a/\x7F", "https://\xC3\xA9/");
  CHECK_FALSE(make_answer(redirect_to(location)).has_value());
}
