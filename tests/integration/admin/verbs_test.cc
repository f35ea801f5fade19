// mirror_admin as an operator uses it, command by command.
#include <fcntl.h>
#include <sys/stat.h>

#include <array>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/program.h"
#include "tests/support/scratch_catalog.h"

using mirrorway::tests::Outcome;
using mirrorway::tests::run_program;
using mirrorway::tests::ScratchCatalog;

namespace {

Outcome admin(const ScratchCatalog& catalog, std::vector<std::string> words) {
  words.insert(words.begin(), {"--catalog", catalog.url()});
  return run_program("admin/mirror_admin", words);
}

void fill(const ScratchCatalog& catalog) {
  const std::vector<std::vector<std::string>> commands{
      {"add", "site", "Example", "url=https://www.example"},
      {"add", "site", "Other"},
      {"add", "host", "m1.example", "site=Example", "country=de", "asns=3320,680"},
      {"add", "host", "m10.example", "site=Exam"},
      {"add", "host", "m1.example", "site=Other"},
      {"add", "category", "linux", "top_directory=/pub/linux/"},
      {"add", "url", "Example/m1.example", "linux", "https://M1.example:443/linux/"},
      {"add", "carriage", "m10", "lin", "always_up_to_date=yes"},
      {"add", "netblock", "m10", "11.2.2.0/24"},
      {"add", "directory", "pub/linux/8", "category=linux"},
      {"add", "repository", "core-9", "x86_64", "category=linux", "directory=pub/linux/9"},
      {"add", "repository", "core-8", "x86_64", "directory=pub/linux/8"},
      {"add", "redirect", "core", "core-9"},
      {"add", "netblock-country", "198.51.100.0/24", "ch"},
      {"add", "research-netblock", "2001:db8::/32"},
      {"add", "research-netblock", "192.0.2.0/24"},
      {"add", "file", "linux/9", "repomd.xml", "size=10", "timestamp=100"},
      {"add", "file", "pub/linux/9/", "repomd.xml", "size=11", "timestamp=200"},
  };
  for (const auto& words : commands) {
    const Outcome outcome = admin(catalog, words);
    INFO(outcome.output);
    REQUIRE(outcome.status == 0);
  }
}

}  // namespace

TEST_CASE("a network is run by hand") {
  struct Row {
    std::vector<std::string> words;
    int status;
    const char* output;
  };
  const std::vector<Row> rows{
      {{"show", "host", "m10"}, 0, "bandwidth          1000"},
      {{"show", "host", "m1"},
       1,
       "fits more than one host: Example/m1.example, Example/m10.example"},
      {{"show", "host", "m1.example"}, 1, "Example/m1.example, Other/m1.example"},
      {{"show", "host", "Other/m1"}, 0, "Other"},
      {{"show", "host", "m2"}, 1, "no host fits \"m2\""},
      {{"show", "host"}, 2, "which host?"},
      {{"show", "host", "a", "b"}, 2, "one word too many"},
      {{"show", "mirror", "m1"}, 2, "\"mirror\" is none of site, host"},
      {{"add", "host", "m3", "site=Nobody"}, 1, "no site fits \"Nobody\""},
      {{"add", "host", "m3"}, 2, "add host needs site"},
      {{"add", "host", "m10.example", "site=Example"}, 1, "exists already"},
      {{"add", "site", "X", "url=ftp://x"}, 1, "site X: URL \"ftp://x\" must be https://"},
      {{"add", "country", "XX"}, 2, "cannot be added"},
      {{"add", "url", "m10", "linux", "ftp://user@m10/"}, 2, "url: \"ftp://user@m10/\": "},
      {{"add", "netblock", "m10", "11.2.2.1/24"}, 2, "is 11.2.2.0/24 meant?"},
      {{"add", "repository", "x", "y", "directory=pub/linux/7"}, 1, "no directory pub/linux/7"},
      {{"add", "redirect", "core-9", "core"}, 1, "loop: core → core-9 → core"},
      {{"edit", "host", "m10", "bandwidth=0"}, 2, "bandwidth: \"0\" is no whole number from 1"},
      {{"edit", "host", "m10", "speed=1"}, 2, "a host has no key \"speed\"; it has name, site"},
      {{"edit", "host", "m10", "latitude=1"}, 1, "given together"},
      {{"edit", "host", "m10"}, 2, "nothing to change"},
      {{"edit", "host", "m10", "bandwidth=5", "country=FR"},
       0,
       "host m10.example: country from \"\" to \"FR\", bandwidth from \"1000\" to \"5\""},
      {{"edit", "host", "m10", "bandwidth=5"}, 0, "is so already"},
      {{"edit", "country", "TR", "continent=eu"}, 0, "continent from \"AS\" to \"EU\""},
      {{"edit", "country", "TR", "continent="}, 0, "continent from \"EU\" to \"AS\""},
      {{"edit", "netblock", "m10", "11.2.2.0/24", "netblock=11.2.2.0/25"}, 0, "11.2.2.0/25"},
      {{"add", "netblock", "m10", "192.168.0.0/16"}, 1, "is private (RFC 1918)"},
      {{"edit", "host", "m10", "netblocks=11.0.0.0/8"}, 1, "is larger than /16"},
      {{"add", "netblock", "Other/m1.example", "11.2.0.0/16"},
       0,
       "added\nremark: netblock 11.2.2.0/25 of m10.example lies in 11.2.0.0/16 of m1.example"},
      {{"edit", "host", "Other/m1.example", "any_netblocks=yes", "netblocks=10.0.0.0/8"},
       0,
       "netblocks from \"11.2.0.0/16\" to \"10.0.0.0/8\""},
      {{"edit", "host", "Other/m1.example", "any_netblocks=no"},
       1,
       "10.0.0.0/8 is larger than /16"},
      {{"edit", "host", "Other/m1.example", "cloud=AWS:eu-1,gcp:all"},
       0,
       "cloud from \"\" to \"aws:eu-1,gcp:all\"\nremark: host m1.example: nothing is known of "
       "aws:eu-1 until \"import cloud aws\"\n"},
      {{"edit", "host", "m10", "cloud=hetzner:x"},
       2,
       "names none of the clouds aws, azure, gcp, oci"},
      {{"edit", "host", "m10", "cloud=aws"}, 2, "names no region"},
      {{"edit", "category", "linux", "top_directory=x"}, 1, "is not below its category's top"},
      {{"edit", "carriage", "m10", "linux", "host=Other/m1.example"}, 1, "stay"},
      // What would be there twice: the tables refuse it, too, but in the words of SQL.
      {{"edit", "site", "Other", "name=Example"}, 1, "site Example exists already; edit it"},
      {{"edit", "host", "Other/m1.example", "site=Example"}, 1, "host m1.example exists already"},
      {{"edit", "directory", "linux/8", "path=pub/linux/9"}, 1, "pub/linux/9 exists already"},
      {{"edit", "repository", "core-8", "x86_64", "name=core-9"}, 1, "core-9 x86_64 exists"},
      {{"edit", "research-netblock", "2001:db8::/32", "netblock=192.0.2.0/24"}, 1, "exists"},
      {{"edit", "file", "linux/9", "repomd", "200", "size=10", "timestamp=100"}, 1, "exists"},
      {{"disable", "host", "m10"}, 0, "host m10.example disabled"},
      {{"disable", "host", "m10"}, 0, "is disabled already"},
      {{"enable", "host", "m10"}, 0, "host m10.example enabled"},
      {{"disable", "repository", "core-9"}, 0, "repository core-9 x86_64 disabled"},
      {{"disable", "url", "m10"}, 2, "cannot be enabled or disabled"},
      // m1 of Other has no URL; that of Example must not be taken for it.
      {{"remove", "url", "Other/m1.example"}, 1, "no url fits"},
      {{"remove", "site", "Example"}, 1, "site Example still has hosts"},
      {{"remove", "category", "linux"}, 1, "still has 2 directories and is carried by 2 hosts"},
      {{"remove", "directory", "linux/9"}, 1, "is that of repository core-9 x86_64"},
      {{"remove", "country", "DE"}, 2, "cannot be removed"},
      {{"remove", "netblock", "m10", "11"}, 0, "netblock m10.example 11.2.2.0/25 removed"},
      {{"remove", "redirect", "core"}, 0, "redirect core removed"},
      {{"remove", "netblock-country", "198"}, 0, "removed"},
      {{"edit", "host", "m10", "research_clients=yes"},
       0,
       "research_clients from \"no\" to \"yes\""},
      {{"add", "research-netblock", "192.0.2.0/24"}, 1, "exists already"},
      {{"add", "research-netblock", "192.0.2.1/24"}, 2, "is 192.0.2.0/24 meant?"},
      {{"edit", "research-netblock", "192", "netblock=192.0.2.0/25"}, 0, "to \"192.0.2.0/25\""},
      {{"remove", "research-netblock", "192"}, 0, "research-netblock 192.0.2.0/25 removed"},
      {{"add", "file", "linux/9", "x", "size=1"}, 2, "needs from=…, or size=… and timestamp=…"},
      {{"add", "file", "linux/9"}, 2, "add file needs name=…"},
      {{"add", "file", "linux/9", "x", "from=/none"}, 1, "opening /none: No such file"},
      {{"add", "file", "linux/9", "x", "from=/"}, 1, "/ is no regular file"},
      {{"add", "file", "linux/7", "x", "size=1", "timestamp=1"}, 1, "no directory fits"},
      {{"add", "file", "linux/9", "a/b", "size=1", "timestamp=1"}, 1, "without slashes"},
      {{"add", "file", "linux/9", "repomd.xml", "size=10", "timestamp=100"}, 1, "exists already"},
      {{"add", "file", "linux/9", "x", "md5=abc"}, 2, "no digest of 32 hexadecimal digits"},
      {{"add", "file", "linux/9", "x", "size=-1"}, 2, "\"-1\" is no whole number"},
      {{"show", "file", "linux/9", "repomd"}, 1, "repomd.xml 200/11/, "},
      {{"show", "file", "linux/9", "repomd", "200"}, 0, "11"},
      {{"edit", "file", "linux/9", "repomd", "100", "size=12"}, 0, "from \"10\" to \"12\""},
      {{"remove", "file", "linux/9", "repomd.xml"}, 1, "fits more than one file"},
      {{"remove", "file", "linux/9", "repomd.xml", "200"}, 0, "9 repomd.xml 200 removed"},
      {{"show", "file", "linux/9", "repomd.xml"}, 0, "timestamp  100"},
      {{"remove", "directory", "linux/8", "--recursive"}, 0, "removed"},
      {{"list", "repositories"}, 0, "core-9  x86_64        linux     pub/linux/9  yes"},
      {{"remove", "category", "linux", "--recursive"}, 0, "category linux removed"},
      {{"remove", "site", "Example", "--recursive"}, 0, "site Example removed"},
      {{"list", "hosts"}, 0, "m1.example  Other"},
  };
  const ScratchCatalog catalog;
  fill(catalog);
  for (const Row& row : rows) {
    const Outcome outcome = admin(catalog, row.words);
    std::string command;
    for (const std::string& word : row.words) command += word + " ";
    CAPTURE(command, outcome.output);
    CHECK(outcome.status == row.status);
    CHECK_THAT(outcome.output, Catch::Contains(row.output));
  }
}

TEST_CASE("a dry run says what it would do and changes nothing") {
  const ScratchCatalog catalog;
  fill(catalog);
  const std::string before = catalog.dump();
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"add", "site", "New", "--dry-run"},
           {"edit", "host", "m10", "bandwidth=7", "--dry-run"},
           {"disable", "host", "m10", "--dry-run"},
           {"remove", "category", "linux", "--recursive", "--dry-run"},
       }) {
    const Outcome outcome = admin(catalog, words);
    CHECK(outcome.status == 0);
    CHECK_THAT(outcome.output, Catch::Contains("dry run: nothing was changed"));
    CHECK(catalog.dump() == before);
  }
}

TEST_CASE("every noun is listed as a table and as JSON with the same rows") {
  const ScratchCatalog catalog;
  fill(catalog);
  for (const char* noun : {"sites", "hosts", "netblocks", "categories", "carriages", "urls",
                           "directories", "repositories", "redirects", "files", "countries",
                           "netblock-countries", "research-netblocks"}) {
    CAPTURE(noun);
    const Outcome table = admin(catalog, {"list", noun});
    const Outcome json = admin(catalog, {"list", noun, "--json"});
    REQUIRE(json.status == 0);
    const auto rows = nlohmann::json::parse(json.output);
    CHECK(rows.is_array());
    CHECK_FALSE(rows.empty());
    CHECK(static_cast<std::size_t>(std::count(table.output.begin(), table.output.end(), '\n')) ==
          rows.size() + 1);
  }
  const auto host = nlohmann::json::parse(
      admin(catalog, {"show", "host", "Example/m1.example", "--json"}).output);
  CHECK(host["asns"] == std::vector<int>{680, 3320});
  CHECK(host["active"] == true);
  CHECK(host["latitude"].is_null());
}

TEST_CASE("a file is described by the file itself") {
  const ScratchCatalog catalog;
  fill(catalog);
  const std::string path = catalog.folder().write("a file", "abc");
  const std::array<timespec, 2> times{{{1'700'000'000, 0}, {1'700'000'000, 999'999'999}}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0) == 0);
  const std::string hostile = "a b%#?+\"&<>=ü.iso";
  REQUIRE(admin(catalog, {"add", "file", "linux/9", "name=" + hostile, "from=" + path}).status ==
          0);
  const auto file =
      nlohmann::json::parse(admin(catalog, {"show", "file", "linux/9", "ü.iso", "--json"}).output);
  CHECK(file["directory"] == "pub/linux/9");
  CHECK(file["name"] == hostile);
  CHECK(file["size"] == 3);
  CHECK(file["timestamp"] == 1'700'000'000);
  CHECK(file["md5"] == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(file["sha1"] == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(file["sha256"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(file["sha512"] ==
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");

  catalog.folder().write("a file", "abcd");
  const Outcome edited =
      admin(catalog, {"edit", "file", "linux/9", "ü.iso", "from=" + path, "timestamp=7", "md5="});
  CHECK_THAT(edited.output, Catch::Contains("size from \"3\" to \"4\"") &&
                                Catch::Contains("to \"7\"") && Catch::Contains("7f72\" to \"\""));
}

TEST_CASE("usage errors and a missing catalog end with their own status") {
  const ScratchCatalog catalog;
  CHECK(run_program("admin/mirror_admin", {}).status == 2);
  const Outcome no_url = run_program("admin/mirror_admin", {"--catalog", "/x", "list", "sites"});
  CHECK(no_url.status == 2);
  CHECK_THAT(no_url.output, Catch::StartsWith("mirror_admin: --catalog: catalog URL \"/x\": "));
  CHECK(run_program("admin/mirror_admin", {"--catalog", "sqlite:/x", "list", "sites"}).status == 1);
  const Outcome help = run_program("admin/mirror_admin", {"--help"});
  CHECK(help.status == 0);
  CHECK_THAT(help.output, Catch::Contains("own_asn_clients=") && Catch::Contains("Examples:"));
  CHECK_THAT(run_program("admin/mirror_admin", {"--man"}).output, Catch::Contains(".SH NOUNS"));
}
