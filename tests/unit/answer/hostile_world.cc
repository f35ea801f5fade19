#include "tests/unit/answer/hostile_world.h"

#include <algorithm>

#include "common/answer/lookup.h"
#include "common/snapshot/file.h"
#include "tests/support/network.h"
#include "tests/support/paths.h"
#include "tests/support/world.h"

namespace mirrorway::tests {
namespace {

void set_urls(proto::Host& host, const std::vector<const char*>& urls) {
  auto& carriage = *host.mutable_carriages(0);
  carriage.clear_urls();
  for (const char* url : urls) carriage.add_urls(url);
}

void add_australians(Network& network) {
  auto& sydney = network.add_host(kHostileHost, "AU", 10'000);
  sydney.set_site("O'Neil & <Söhne>");
  set_position(sydney, -33.87, 151.21);
  set_urls(sydney, {"https://syd.example/a&b'c%20d", "http://syd.example/a&b'c%20d",
                    "ftp://syd.example/linux", "rsync://syd.example/linux"});
  auto& melbourne = network.add_host("melbourne.example", "AU", 1000);
  set_position(melbourne, -37.81, 144.96);
  set_urls(melbourne, {"http://melbourne.example:8080/~linux"});
  set_urls(network.add_host("somewhere.example", "AU", 500), {"https://somewhere.example/linux"});
  auto& perth = network.add_host("perth.example", "AU", 100'000);
  set_position(perth, -31.95, 115.86);
  set_urls(perth, {"http://[2001:db8::7]:81/linux", "ftp://perth.example/linux"});
  auto& master = network.add_host("master.example", "AU", 100);
  master.set_is_last_resort(true);
}

void add_others(Network& network) {
  auto& auckland = network.add_host("auckland.example", "NZ", 1000);
  set_position(auckland, -36.85, 174.76);
  auto& hidden = network.add_host("hidden-1.example", "AU", 1000);
  hidden.set_is_private(true);
  add_netblock(hidden, "10.1.0.0/16");
  add_netblock(hidden, "2001:db8:1::/48");
  auto& university = network.add_host("hidden-university.example", "AU", 1000);
  university.set_is_private(true);
  university.set_is_research(true);
  university.set_serves_research(true);
  network.add_host("nowhere.example", "", 1000).clear_site();
  network.add_host("german.example", "DE", 1000).add_allowed_countries("DE");
  set_urls(network.add_host("rsync.example", "AU", 1000), {"rsync://rsync.example/linux"});
}

// A version of which `digests` (md5, sha1, sha256, sha512) are known.
void add_version(proto::File& file, std::uint64_t size, std::int64_t timestamp,
                 const std::string& digests) {
  auto& version = *file.add_versions();
  version.set_size(size);
  version.set_timestamp(timestamp);
  const auto bytes = [&](std::size_t place, std::size_t length) {
    return digests[place] == '-' ? std::string() : std::string(length, digests[place]);
  };
  version.set_md5(bytes(0, 16));
  version.set_sha1(bytes(1, 20));
  version.set_sha256(bytes(2, 32));
  version.set_sha512(bytes(3, 64));
}

proto::File& add_file(proto::Directory& directory, const char* name) {
  auto& file = *directory.add_files();
  file.set_name(name);
  return file;
}

// Of repodata: three versions, of the last little is known. Of the others one each.
void add_files(proto::Snapshot& snapshot) {
  auto& metadata = add_file(*snapshot.mutable_directories(2), "repomd.xml");
  add_version(metadata, 4001, 1'699'990'000, "\x11\x22\x33\x44");
  add_version(metadata, 3999, 1'699'900'000, "\x55\x66\x77\x88");
  add_version(metadata, 0, 1'699'800'000, "--\x99-");
  auto& odd = *snapshot.mutable_directories(0);
  add_version(add_file(odd, "README"), 0, 0, "----");
  add_version(add_file(odd, kHostileName), UINT64_MAX, 1'600'000'000, "\xAA\xBB\xCC\xDD");
  add_version(add_file(odd, "disc.iso"), 700'000'000, 1'600'000'000, "--\xEE-");
  add_version(add_file(odd, "disc.iso.md5"), 43, 1'600'000'001, "----");
}

proto::Snapshot hostile_snapshot() {
  Network network;
  add_australians(network);
  add_others(network);
  network.add_redirect("latest & greatest", kHostileRepository);
  auto snapshot = network.snapshot();
  auto& odd = *snapshot.add_directories();
  odd.set_path(kHostileDirectory);
  odd.set_host_set(snapshot.directories(0).host_set());
  std::sort(snapshot.mutable_directories()->begin(), snapshot.mutable_directories()->end(),
            [](const auto& a, const auto& b) { return a.path() < b.path(); });
  add_files(snapshot);
  snapshot.mutable_repositories(0)->set_directory(1);
  for (const bool is_disabled : {false, true}) {
    auto& repository = *snapshot.add_repositories();
    repository.set_name(kHostileRepository);
    repository.set_architecture(is_disabled ? "z'80" : "x'86");
    repository.set_is_disabled(is_disabled);
  }
  add_research_network(snapshot, "10.2.0.0/16");
  auto& entry = *snapshot.add_netblock_countries();
  entry.mutable_netblock()->set_address(std::string(address("10.0.0.0").bytes()));
  entry.mutable_netblock()->set_length(8);
  entry.set_country("AU");
  snapshot::validate(snapshot);
  return snapshot;
}

std::vector<std::string> geo_files() {
  return {tests::in_build("tests/fixtures/geo/ipinfo-new.mmdb")};
}

}  // namespace

HostileWorld::HostileWorld()
    : snapshot_(hostile_snapshot()),
      block_(snapshot::Image::build(snapshot_)),
      image_(block_),
      geo_(geo::GeoDatabase::load(geo_files())),
      routes_{{"/pub/"},
              {*http::Alias::parse("/list/{repo}=repo={repo}&arch=x'86", http::parameter_names())}},
      policy_{6, 40} {}

http::Answer HostileWorld::ask(std::string_view target, std::string_view client,
                               const std::vector<std::string_view>& accept) const {
  const auto parsed = http::parse_lookup(routes_, target, accept, address(client));
  http::Wish wish{parsed.form, parsed.is_negotiated};
  if (const auto* problem = std::get_if<http::Problem>(&parsed.result))
    return http::make_error(problem->status, problem->text, wish);
  const auto& request = std::get<proto::LookupRequest>(parsed.result);
  wish.file_name = http::document_name(request);
  auto answer =
      http::make_answer(answer::answer_lookup(image_, geo_, policy_, request, kNow), wish);
  if (!answer) throw base::Error("the answer to {} may not be passed on", target);
  return *std::move(answer);
}

const proto::File* HostileWorld::file(std::string_view directory, std::string_view name) const {
  for (const auto& candidate : snapshot_.directories()) {
    if (candidate.path() != directory) continue;
    for (const auto& file : candidate.files())
      if (file.name() == name) return &file;
  }
  return nullptr;
}

}  // namespace mirrorway::tests
