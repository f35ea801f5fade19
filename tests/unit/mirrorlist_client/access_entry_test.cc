#include "mirrorlist_client/access_entry.h"

#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace mirrorway;
using namespace mirrorway::mirrorlist_client;
using namespace std::chrono_literals;

namespace {

AccessEntry usual_entry() {
  AccessEntry entry;
  entry.time = std::chrono::system_clock::time_point(1'700'000'000s + 7ms);
  entry.client = *net::Address::parse("192.0.2.77");
  entry.method = "GET";
  entry.target = "/mirrorlist?repo=fedora-40&arch=x86_64";
  entry.user_agent = "libdnf (Fedora 40)";
  entry.repository = "fedora-40";
  entry.architecture = "x86_64";
  entry.status = 200;
  entry.form = proto::MIRRORLIST;
  entry.tier = proto::COUNTRY;
  entry.country = "DE";
  entry.bytes = 1234;
  entry.duration = 1500us;
  return entry;
}

struct Hostile {
  const char* name;
  std::string text;
  const char* combined;  // as it stands in the log
};

const std::vector<Hostile>& hostile_texts() {
  static const std::vector<Hostile> kTexts{
      {"a quote", "a\" 200 1 \"b", R"(a\" 200 1 \"b)"},
      {"a backslash before the closing quote", "a\\", R"(a\\)"},
      {"line breaks", "a\r\nIP: 1; b", R"(a\x0d\x0aIP: 1; b)"},
      {"a terminal's escape", "\x1b[2J", R"(\x1b[2J)"},
      {"NUL", std::string("a\0b", 3), R"(a\x00b)"},
      {"DEL", "\x7f", R"(\x7f)"},
      {"no UTF-8", "\xff\xc3", R"(\xff\xc3)"},
      {"UTF-8", "\xc3\xa9", R"(\xc3\xa9)"},
      {"a C1 control character", "\xc2\x9b", R"(\xc2\x9b)"},
      {"a line separator of JavaScript", "\xe2\x80\xa8", R"(\xe2\x80\xa8)"},
      {"what formats read", "%s%n{}{0}", "%s%n{}{0}"},
  };
  return kTexts;
}

bool is_printable_ascii(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

TEST_CASE("a line is what MirrorManager's statistics read") {
  AccessEntry entry = usual_entry();
  CHECK(format_mirrormanager(entry) ==
        "IP: 192.0.2.77; DATE: 2023-11-14; COUNTRY: DE; REPO: fedora-40; ARCH: x86_64");
  entry.country.clear();
  entry.asked_for = *net::Address::parse("2001:db8::1");
  CHECK(format_mirrormanager(entry) ==
        "IP: 2001:db8::1; DATE: 2023-11-14; COUNTRY: N/A; REPO: fedora-40; ARCH: x86_64");
}

TEST_CASE("MirrorManager's statistics are of answered repositories") {
  AccessEntry entry = usual_entry();
  entry.status = 404;
  CHECK(format_mirrormanager(entry).empty());
  entry = usual_entry();
  entry.repository.clear();
  CHECK(format_mirrormanager(entry).empty());
}

TEST_CASE("nothing that a client sends can end MirrorManager's line or a field of it early") {
  AccessEntry entry = usual_entry();
  entry.repository = "a\nb; ARCH: c";
  CHECK(format_mirrormanager(entry) ==
        "IP: 192.0.2.77; DATE: 2023-11-14; COUNTRY: DE; REPO: a\\x0ab_ ARCH: c; ARCH: x86_64");
}

TEST_CASE("the combined format is that of web servers") {
  AccessEntry entry = usual_entry();
  entry.referer = "https://example.org/";
  CHECK(format_combined(entry) ==
        "192.0.2.77 - - [14/Nov/2023:22:13:20 +0000] "
        "\"GET /mirrorlist?repo=fedora-40&arch=x86_64 HTTP/1.1\" 200 1234 "
        "\"https://example.org/\" \"libdnf (Fedora 40)\"");
}

TEST_CASE("what is missing is a dash in the combined format") {
  AccessEntry entry;
  entry.time = std::chrono::system_clock::time_point(1'700'000'000s);
  entry.client = *net::Address::parse("2001:db8::1");
  entry.status = 400;
  CHECK(format_combined(entry) ==
        "2001:db8::1 - - [14/Nov/2023:22:13:20 +0000] \"-\" 400 - \"-\" \"-\"");
}

TEST_CASE("nothing that a client sends can break out of the combined format") {
  for (const Hostile& hostile : hostile_texts()) {
    INFO(hostile.name);
    AccessEntry entry = usual_entry();
    entry.is_http_1_0 = true;
    entry.target = hostile.text;
    entry.user_agent = hostile.text;
    entry.referer = hostile.text;
    const std::string line = format_combined(entry);
    CHECK(line == fmt::format("192.0.2.77 - - [14/Nov/2023:22:13:20 +0000] \"GET {0} HTTP/1.0\" "
                              "200 1234 \"{0}\" \"{0}\"",
                              hostile.combined));
    CHECK(is_printable_ascii(line));
  }
}

TEST_CASE("a JSON line says everything, by name") {
  AccessEntry entry = usual_entry();
  entry.path = "pub/x";
  entry.referer = "r";
  CHECK(format_json(entry) ==
        R"-({"time":"2023-11-14T22:13:20.007Z","client":"192.0.2.77","method":"GET",)-"
        R"-("target":"/mirrorlist?repo=fedora-40&arch=x86_64","status":200,"bytes":1234,)-"
        R"-("duration":0.001500,"form":"mirrorlist","repo":"fedora-40","arch":"x86_64",)-"
        R"-("path":"pub/x","country":"DE","tier":"country","user_agent":"libdnf (Fedora 40)",)-"
        R"-("referer":"r"})-");
}

TEST_CASE("nothing that a client sends can break a JSON line") {
  for (const Hostile& hostile : hostile_texts()) {
    INFO(hostile.name);
    AccessEntry entry = usual_entry();
    entry.target = hostile.text;
    entry.user_agent = hostile.text;
    entry.repository = hostile.text;
    const std::string line = format_json(entry);
    CHECK(is_printable_ascii(line));
    const auto parsed = nlohmann::json::parse(line);
    CHECK(parsed.size() == nlohmann::json::parse(format_json(usual_entry())).size());
    CHECK(parsed["referer"].get<std::string>().empty());
    CHECK(parsed["user_agent"] == parsed["target"]);
    if (std::string_view(hostile.name) != "no UTF-8") CHECK(parsed["target"] == hostile.text);
  }
}

TEST_CASE("shortened addresses name a network") {
  struct Row {
    const char* client;
    const char* shortened;
  };
  const Row row = GENERATE(values<Row>({
      {"192.0.2.77", "192.0.2.0"},
      {"2001:db8:1:2:3:4:5:6", "2001:db8:1::"},
  }));
  AccessEntry entry = usual_entry();
  entry.client = *net::Address::parse(row.client);
  entry.asked_for = entry.client;
  shorten_addresses(entry);
  CHECK(entry.client.text() == row.shortened);
  CHECK(entry.asked_for->text() == row.shortened);
}
