#include "common/answer/lookup.h"

#include <catch2/catch.hpp>

#include "tests/support/network.h"

using namespace mirrorway;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::system_clock::time_point kNow{1'700'000'000s};

// 10.0.0.0/8 is in Germany, 20.0.0.0/8 in the USA, by the operator's word.
class Fixture {
 public:
  Fixture() : block_(snapshot::Image::build(world())), image_(block_) {}

  proto::LookupResponse answer(const proto::LookupRequest& request) const {
    return answer::answer_lookup(image_, geo::GeoDatabase(), policy_, request, kNow);
  }

 private:
  static proto::Snapshot world() {
    tests::Network network;
    network.add_host("de.example", "DE");
    auto& odd = network.add_host("us.example", "US").mutable_carriages(0)->mutable_urls()[0];
    odd.Add("rsync://us.example/linux");
    network.add_host("private.example", "DE").set_is_private(true);
    auto snapshot = network.snapshot();
    tests::add_netblock(*snapshot.mutable_hosts(2), "10.1.0.0/16");
    snapshot.mutable_directories(0)->set_path("pub/linux/a b%#?+\"é");
    auto& binary = *snapshot.add_repositories();
    binary = snapshot.repositories(0);
    binary.set_name("os-binary");
    binary.set_architecture("source");
    auto& disabled = *snapshot.add_repositories();
    disabled.set_name("os-old");
    disabled.set_architecture("x86_64");
    disabled.set_is_disabled(true);
    auto& source = *snapshot.add_repositories();
    source.set_name("os-source");
    source.set_architecture("source");
    source.set_directory(1);
    for (const char* const alias : {"os-latest", "source-alias"}) {
      auto& redirect = *snapshot.add_redirects();
      redirect.set_from(alias);
      redirect.set_to(alias == std::string_view("os-latest") ? "os" : "os-binary");
    }
    for (const auto& [address, country] : {std::pair("10.0.0.0", "DE"), {"20.0.0.0", "US"}}) {
      auto& entry = *snapshot.add_netblock_countries();
      entry.mutable_netblock()->set_address(std::string(tests::address(address).bytes()));
      entry.mutable_netblock()->set_length(8);
      entry.set_country(country);
    }
    return snapshot;
  }

  std::vector<std::byte> block_;
  snapshot::Image image_;
  selection::Policy policy_{1, 40, 24h};
};

proto::LookupRequest from(const char* address) {
  proto::LookupRequest request;
  request.set_client_address(std::string(tests::address(address).bytes()));
  return request;
}

proto::LookupRequest repository(const char* name, const char* architecture = "x86_64",
                                const char* address = "10.9.9.9") {
  auto request = from(address);
  request.set_repository(name);
  request.set_architecture(architecture);
  return request;
}

proto::LookupRequest path(const char* text, const char* address = "10.9.9.9") {
  auto request = from(address);
  request.set_path(text);
  return request;
}

constexpr const char* kOddTail = "/a%20b%25%23%3F+%22%C3%A9/";

}  // namespace

TEST_CASE("a mirrorlist has a comment line and one URL per line") {
  struct Row {
    const char* rule;
    proto::LookupRequest request;
    std::string body;
  };
  const std::string de = std::string("https://de.example/linux") + kOddTail;
  const std::string us = std::string("https://us.example/linux") + kOddTail;
  auto two_schemes = repository("os", "x86_64", "20.1.1.1");
  two_schemes.add_schemes(proto::HTTP);
  two_schemes.add_schemes(proto::RSYNC);
  auto with_time = repository("os");
  with_time.set_show_catalog_time(true);
  auto spelt = repository("os");
  spelt.add_countries("uS");
  auto empty_there = repository("os");
  empty_there.add_countries("ZA");
  auto everywhere = path("pub/linux/os/repodata", "20.1.1.1");
  everywhere.add_countries("global");
  everywhere.add_schemes(proto::RSYNC);
  auto no_networks = repository("os", "x86_64", "10.1.2.3");
  no_networks.set_skip_networks(true);
  const auto row = GENERATE_COPY(values<Row>({
      {"the repository's directory, best scheme", repository("os"),
       "# repo = os arch = x86_64 country = DE \n" + de + "\n"},
      {"another client, another country", repository("os", "x86_64", "20.1.1.1"),
       "# repo = os arch = x86_64 country = US \n" + us + "\n"},
      {"redirects are followed and named by their end", repository("os-latest"),
       "# repo = os arch = x86_64 country = DE \n" + de + "\n"},
      {"source repositories have the architecture source", repository("os-source", "aarch64"),
       "# repo = os-source arch = source country = DE \n"
       "https://de.example/linux/os/repodata/\n"},
      {"so have those that are asked for under such a name", repository("source-alias"),
       "# repo = os-binary arch = source country = DE \n" + de + "\n"},
      {"a directory by path", path("//pub/linux/os/repodata/"),
       "# path = pub/linux/os/repodata country = DE \nhttps://de.example/linux/os/repodata/\n"},
      {"a file in a directory by path", path("pub/linux/os/repodata/x +&.rpm"),
       "# path = pub/linux/os/repodata/x +&.rpm country = DE \n"
       "https://de.example/linux/os/repodata/x%20+&.rpm\n"},
      {"a private host in its netblock", path("pub/linux/os/repodata", "10.1.2.3"),
       "# path = pub/linux/os/repodata Using preferred netblock \n"
       "https://private.example/linux/os/repodata/\n"},
      {"netblocks skipped", no_networks, "# repo = os arch = x86_64 country = DE \n" + de + "\n"},
      {"tunnelled clients are where their IPv4 address is",
       repository("os", "x86_64", "2002:1401:101::1"),
       "# repo = os arch = x86_64 country = US \n" + us + "\n"},
      {"as many URLs per host as schemes were named", two_schemes,
       "# repo = os arch = x86_64 country = US protocol = http,rsync\nhttp://us.example/linux" +
           std::string(kOddTail) + "\nrsync://us.example/linux" + kOddTail + "\n"},
      {"the catalog's time on request", with_time,
       "# repo = os arch = x86_64 country = DE \n# database creation time: 1700000000\n" + de +
           "\n"},
      {"countries in the client's spelling", spelt,
       "# repo = os arch = x86_64 country = uS \n" + us + "\n"},
      {"nothing in the countries asked for", empty_there,
       "# repo = os arch = x86_64 no mirror in ZA country = DE \n" + de + "\n"},
      {"everywhere", everywhere,
       "# path = pub/linux/os/repodata country = global protocol = rsync\n"
       "rsync://us.example/linux/os/repodata/\n"},
      {"no mirror is the comment alone", path("pub/linux/partial"),
       "# path = pub/linux/partial \n"},
  }));
  const Fixture fixture;
  CAPTURE(row.rule);
  const auto response = fixture.answer(row.request);
  CHECK(response.status() == 200);
  CHECK(response.body() == row.body);
}

TEST_CASE("a redirect leads to the best web URL") {
  const Fixture fixture;
  auto request = path("pub/linux/os/repodata/a b.rpm");
  request.set_form(proto::REDIRECT);
  const auto response = fixture.answer(request);
  CHECK(response.status() == 302);
  CHECK(response.location() == "https://de.example/linux/os/repodata/a%20b.rpm");
  CHECK(response.found_via() == proto::COUNTRY);

  request.add_schemes(proto::RSYNC);
  CHECK(fixture.answer(request).status() == 404);
  request.clear_schemes();
  request.set_path("pub/linux/partial/x");
  CHECK(fixture.answer(request).status() == 404);
}

TEST_CASE("a miss is 404 and names what is close") {
  struct Row {
    proto::LookupRequest request;
    std::string body;
  };
  const auto row = GENERATE(values<Row>({
      {repository("oss"),
       "# repo = oss arch = x86_64 error: invalid repo or arch\n# close matches are:\n"
       "# repo=os&arch=x86_64\n"},
      {repository("os", "aarch64"),
       "# repo = os arch = aarch64 error: invalid repo or arch\n# close matches are:\n"
       "# repo=os&arch=x86_64\n"},
      {repository("completely-different"),
       "# repo = completely-different arch = x86_64 error: invalid repo or arch\n"},
      {path("pub/linux/oz/repodata"),
       "# path = pub/linux/oz/repodata error: invalid path\n# close matches are:\n"
       "# pub/linux/os\n"},
      {path("pab/linux"), "# path = pab/linux error: invalid path\n# close matches are:\n# pub\n"},
      {path("nowhere/near/anything"), "# path = nowhere/near/anything error: invalid path\n"},
  }));
  const Fixture fixture;
  const auto response = fixture.answer(row.request);
  CHECK(response.status() == 404);
  CHECK(response.body() == row.body);
}

TEST_CASE("a disabled repository says so") {
  const Fixture fixture;
  auto request = repository("os-old");
  CHECK(fixture.answer(request).status() == 200);
  CHECK(fixture.answer(request).body() == "# repo = os-old arch = x86_64 repo disabled\n");
  request.set_form(proto::REDIRECT);
  CHECK(fixture.answer(request).status() == 404);
}

TEST_CASE("a request that the front end should have refused is refused here, too") {
  auto no_address = repository("os");
  no_address.clear_client_address();
  auto bad_scheme = repository("os");
  bad_scheme.add_schemes(static_cast<proto::Scheme>(17));
  auto bad_country = repository("os");
  bad_country.add_countries("D\n");
  const auto request = GENERATE_COPY(
      values<proto::LookupRequest>({proto::LookupRequest(), no_address, bad_scheme, bad_country,
                                    path("a/../b"), path("a\nb"), from("10.0.0.1")}));
  const auto response = Fixture().answer(request);
  CHECK(response.status() == 400);
  CHECK(std::count(response.body().begin(), response.body().end(), '\n') == 1);
}
