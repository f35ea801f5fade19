#include "common/snapshot/file.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "tests/support/network.h"
#include "tests/support/snapshot_file.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;
using snapshot::decode_file;
using tests::encode_file;

namespace {

proto::Snapshot sample() {
  tests::Network network;
  auto& host = network.add_host("a.example", "DE");
  host.add_client_asns(64500);
  host.add_client_asns(64501);
  tests::add_netblock(host, "192.0.2.0/24");
  network.add_host("b.example", "");
  network.add_redirect("old", "os");
  auto snapshot = network.snapshot();
  auto& file = *snapshot.mutable_directories(1)->add_files();
  file.set_name("repomd.xml");
  file.add_versions()->set_timestamp(20);
  file.mutable_versions(0)->set_sha256(std::string(32, 'x'));
  file.add_versions()->set_timestamp(10);
  return snapshot;
}

}  // namespace

TEST_CASE("a snapshot reads back, and the same one gives the same bytes") {
  const auto bytes = encode_file(sample());
  CHECK(encode_file(sample()) == bytes);
  CHECK(decode_file(bytes).SerializeAsString() == sample().SerializeAsString());
  CHECK(snapshot::file_digest(bytes).size() == 64);
}

TEST_CASE("what a snapshot was made of is read without the rest, of whole files only") {
  auto snapshot = sample();
  snapshot.set_catalog_time(1'700'000'000);
  snapshot.set_catalog_generation(7);
  snapshot.set_builder_revision(3);
  const auto bytes = encode_file(snapshot);
  const auto origin = snapshot::decode_origin(bytes);
  CHECK(origin.catalog_time() == 1'700'000'000);
  CHECK(origin.catalog_generation() == 7);
  CHECK(origin.builder_revision() == 3);
  CHECK_THROWS_WITH(snapshot::decode_origin(bytes.substr(0, bytes.size() - 1)),
                    Catch::StartsWith("cut off"));
}

TEST_CASE("what is no whole snapshot is refused with the reason") {
  const auto good = encode_file(sample());
  const auto with = [&](std::size_t at, char byte) {
    std::string bad = good;
    bad[at] = byte;
    return bad;
  };
  struct Row {
    std::string bytes;
    const char* reason;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"", "the file is empty"},
      {"MIRRORW", "no Mirrorway snapshot"},
      {"<html>…</html>", "no Mirrorway snapshot"},
      {good.substr(0, 20), "cut off: 20 bytes do not even hold the header"},
      {with(8, 2), "format version 2; this program reads version 1"},
      {good.substr(0, good.size() - 1), "cut off"},
      {good + "x", "too long"},
      {with(12, 1), "damaged"},
      {with(good.size() / 2, '\x7E'), "damaged"},
      {with(30, '\x7E'), "damaged"},
  }));
  CHECK_THROWS_WITH(decode_file(row.bytes), Catch::Contains(row.reason));
  const tests::TemporaryFolder folder;
  const std::string path = folder.write("snapshot", row.bytes);
  CHECK_THROWS_WITH(snapshot::load_file(path),
                    Catch::StartsWith(path + ": ") && Catch::Contains(row.reason));
}

TEST_CASE("a file is read and written in pieces, whatever becomes of them") {
  tests::Network network;
  for (int i = 0; i < 20'000; ++i)
    network.add_redirect(fmt::format("old-repository-{:05}", i), "os");
  const auto big = network.snapshot();
  const snapshot::FileEncoder encoder(big);
  std::string bytes;
  int pieces = 0;
  encoder.write([&](std::string_view piece) {
    bytes += piece;
    ++pieces;
  });
  CHECK(pieces > 2);  // the header is one
  CHECK(bytes == encode_file(big));
  CHECK(encoder.size() == bytes.size());
  CHECK(encoder.digest() == snapshot::file_digest(bytes));
  const tests::TemporaryFolder folder;
  const auto loaded = snapshot::load_file(folder.write("snapshot", bytes));
  CHECK(loaded.digest == encoder.digest());
  CHECK(encode_file(loaded.snapshot) == bytes);

  CHECK_THROWS_WITH(encoder.write([](std::string_view) { throw base::Error("disk full"); }),
                    "disk full");
  CHECK_THROWS_WITH(snapshot::load_file(folder.path()), Catch::Contains("not a regular file"));
  CHECK_THROWS_WITH(snapshot::load_file(folder.path() / "none"),
                    Catch::Contains("No such file or directory"));
}

TEST_CASE("a snapshot is refused at any length it can be cut to") {
  const auto good = encode_file(sample());
  for (std::size_t length = 0; length < good.size(); ++length)
    REQUIRE_THROWS_AS(decode_file(std::string_view(good).substr(0, length)), base::Error);
}

TEST_CASE("each broken rule is named") {
  struct Row {
    const char* reason;
    std::function<void(proto::Snapshot&)> damage;
  };
  const auto host = [](proto::Snapshot& s) { return s.mutable_hosts(0); };
  const auto row = GENERATE_COPY(values<Row>({
      {"hosts are not in strictly ascending order", [&](auto& s) { host(s)->set_id(2); }},
      {"name or site of host 1", [&](auto& s) { host(s)->set_name(""); }},
      {"name or site of host 1", [&](auto& s) { host(s)->set_site("two\nlines"); }},
      {"country of host a.example", [&](auto& s) { host(s)->set_country("de"); }},
      {"allowed countries of host", [&](auto& s) { host(s)->add_allowed_countries("DEU"); }},
      {"half a position", [&](auto& s) { host(s)->set_latitude(1); }},
      {"position of host",
       [&](auto& s) {
         host(s)->set_latitude(91);
         host(s)->set_longitude(0);
       }},
      {"position of host",
       [&](auto& s) {
         host(s)->set_latitude(std::nan(""));
         host(s)->set_longitude(0);
       }},
      {"bandwidth", [&](auto& s) { host(s)->set_bandwidth_mbps(0); }},
      {"bandwidth", [&](auto& s) { host(s)->set_bandwidth_mbps(100'001); }},
      {"ASNs of host", [&](auto& s) { host(s)->add_client_asns(64501); }},
      {"netblock of host", [&](auto& s) { host(s)->mutable_netblocks(0)->set_length(33); }},
      {"netblock of host", [&](auto& s) { host(s)->mutable_netblocks(0)->set_length(8); }},
      {"netblock of host", [&](auto& s) { host(s)->mutable_netblocks(0)->set_address("abc"); }},
      {"netblocks of host", [&](auto& s) { *host(s)->add_netblocks() = s.hosts(0).netblocks(0); }},
      {"category of host", [&](auto& s) { host(s)->mutable_carriages(0)->set_category(1); }},
      {"number of URLs", [&](auto& s) { host(s)->mutable_carriages(0)->clear_urls(); }},
      {"URL of host", [&](auto& s) { host(s)->mutable_carriages(0)->set_urls(0, "javascript:"); }},
      {"URL of host", [&](auto& s) { host(s)->mutable_carriages(0)->set_urls(0, "http://x/"); }},
      {"order of the URLs",
       [&](auto& s) { host(s)->mutable_carriages(0)->add_urls("https://a.example/x"); }},
      {"a host set ends with a zero byte",
       [](auto& s) { s.mutable_host_sets(1)->push_back('\0'); }},
      {"a host set names host 3 of 2", [](auto& s) { s.set_host_sets(1, "\x04"); }},
      {"host sets are not in strictly", [](auto& s) { s.add_host_sets("\x01"); }},
      {"directory pub/linux/os names a host that does not carry linux",
       [&](auto& s) { host(s)->clear_carriages(); }},
      {"directory ", [](auto& s) { s.mutable_directories(0)->set_path("pub/linux/../x"); }},
      {"is not below the top directory", [](auto& s) { s.mutable_directories(0)->set_path("a"); }},
      {"category of directory", [](auto& s) { s.mutable_directories(0)->set_category(9); }},
      {"host set of directory", [](auto& s) { s.mutable_directories(0)->set_host_set(9); }},
      {"directories are not in strictly",
       [](auto& s) { s.mutable_directories(0)->set_path("pub/linux/z"); }},
      {"name of a file",
       [](auto& s) { s.mutable_directories(1)->mutable_files(0)->set_name("a/b"); }},
      {"has no version",
       [](auto& s) { s.mutable_directories(1)->mutable_files(0)->clear_versions(); }},
      {"length of a digest",
       [](auto& s) {
         s.mutable_directories(1)->mutable_files(0)->mutable_versions(0)->set_md5("short");
       }},
      {"not newest first",
       [](auto& s) {
         s.mutable_directories(1)->mutable_files(0)->mutable_versions(1)->set_timestamp(30);
       }},
      {"directory of repository os", [](auto& s) { s.mutable_repositories(0)->set_directory(3); }},
      {"name or architecture",
       [](auto& s) { s.mutable_repositories(0)->set_architecture(""); }},
      {"redirect from old loops", [](auto& s) { s.mutable_redirects(0)->set_to("old"); }},
      {"country 12 in continent", [](auto& s) { s.mutable_countries(0)->set_code("12"); }},
      {"in continent XX", [](auto& s) { s.mutable_countries(0)->set_continent("XX"); }},
      {"country xx of a netblock",
       [](auto& s) {
         auto& entry = *s.add_netblock_countries();
         *entry.mutable_netblock() = s.hosts(0).netblocks(0);
         entry.set_country("xx");
       }},
  }));
  auto damaged = sample();
  row.damage(damaged);
  CAPTURE(row.reason);
  CHECK_THROWS_WITH(encode_file(damaged), Catch::Contains(row.reason));
}

TEST_CASE("eight redirects one after another are allowed, nine are not") {
  tests::Network network;
  network.add_host("a.example", "DE");
  for (int i = 1; i <= 8; ++i)
    network.add_redirect(fmt::format("r{}", i), i == 8 ? "os" : fmt::format("r{}", i + 1));
  CHECK_NOTHROW(encode_file(network.snapshot()));
  network.add_redirect("s", "r1");
  CHECK_THROWS_WITH(encode_file(network.snapshot()),
                    Catch::Contains("redirect from s loops or is"));
}
