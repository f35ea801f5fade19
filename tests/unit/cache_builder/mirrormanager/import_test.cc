#include "cache_builder/mirrormanager/import.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "cache_builder/mirrormanager/remarks.h"
#include "tests/support/mirrormanager_cache.h"
#include "tests/unit/cache_builder/mirrormanager/there_and_back.h"

using namespace mirrorway;
using namespace mirrorway::cache_builder;
using mirrormanager::MirrorList;
using nlohmann::json;
using tests::add_carrier;
using tests::add_directory;
using tests::add_text;
using tests::add_url;

namespace {

void set_country(MirrorList& cache, std::uint64_t host, const std::string& country) {
  auto* const row = cache.add_hostcountrycache();
  row->set_key(host);
  row->set_value(country);
}

void set_bandwidth(MirrorList& cache, std::uint64_t host, std::uint64_t mbps) {
  auto* const row = cache.add_hostbandwidthcache();
  row->set_key(host);
  row->set_value(mbps);
}

void add_netblock(MirrorList& cache, const std::string& netblock, std::uint64_t host) {
  auto* const row = cache.add_hostnetblockcache();
  row->set_key(netblock);
  row->add_value(host);
}

void add_asn(MirrorList& cache, std::uint64_t asn, std::uint64_t host) {
  auto* const row = cache.add_hostasncache();
  row->set_key(asn);
  row->add_value(host);
}

void allow(MirrorList& cache, std::uint64_t host, const std::string& country) {
  auto* const row = cache.add_hostcountryallowedcache();
  row->set_key(host);
  row->add_value(country);
}

void disable(MirrorList& cache, const std::string& name) {
  auto* const row = cache.add_disabledrepositorycache();
  row->set_key(name);
  row->set_value(true);
}

mirrormanager::FileVersion* add_file(MirrorList& cache, const std::string& directory,
                                     const std::string& name) {
  auto* const row = cache.add_filedetailscache();
  row->set_directory(directory);
  auto* const file = row->add_files();
  file->set_filename(name);
  auto* const version = file->add_details();
  version->set_timestamp(17);
  version->set_size(3);
  return version;
}

constexpr const char* kDirectory = "directory/level/three";

struct Rule {
  const char* what;
  void (*edit)(MirrorList&);
  const char* pointer;                                    // into what `inspect --json` shows
  const char* expected;                                   // JSON
  std::optional<std::string_view> remark = std::nullopt;  // said once
};

}  // namespace

TEST_CASE("every part of a cache becomes the right part of a snapshot") {
  const auto rule = GENERATE(values<Rule>({
      {"the time of the cache is the snapshot's", [](MirrorList&) {}, "/catalog_time",
       "1700000000"},
      {"a host is called as its URL says", [](MirrorList&) {}, "/hosts/1/name", R"("hcurl421")"},
      {"so is its site", [](MirrorList&) {}, "/hosts/1/site", R"("hcurl421")"},
      {"https goes before http",
       [](MirrorList& c) { add_url(c, 12, "HTTPS://Secure.example:443/test/"); },
       "/hosts/0/categories/directory~1level~1three",
       R"(["https://secure.example/test","http://hcurl11/test-11","http://hcurl13/test-13"])"},
      {"a port is no part of the name",
       [](MirrorList& c) { add_url(c, 11, "https://[2001:db8::1]:8443/x"); }, "/hosts/0/name",
       R"("[2001:db8::1]")"},
      {"a bad URL is left out", [](MirrorList& c) { add_url(c, 5, "gopher://a/"); }, "/hosts/0/id",
       "1", remark::kUrl},
      {"an id without URL is left out",
       [](MirrorList& c) { c.mutable_mirrorlistcache(0)->mutable_byhostid(0)->add_value(77); },
       "/hosts/0/categories/directory~1level~1three/2", R"("http://hcurl13/test-13")",
       remark::kUrlId},
      {"a host without URL is left out",
       [](MirrorList& c) {
         c.mutable_mirrorlistcache(0)->add_global(7);
         add_carrier(*c.mutable_mirrorlistcache(0), 7, {});
       },
       "/host_sets", "[[1,42,100]]", remark::kHostWithoutUrl},
      {"a host that carries nothing is no host", [](MirrorList& c) { set_country(c, 7, "DE"); },
       "/hosts/0/id", "1"},
      {"the country comes from the directories", [](MirrorList& c) { set_country(c, 42, "NO"); },
       "/hosts/1/country", R"("SE")"},
      {"or from the table", [](MirrorList& c) { set_country(c, 1, "no"); }, "/hosts/0/country",
       R"("NO")"},
      {"a country that is none is left out", [](MirrorList& c) { set_country(c, 1, "Norway"); },
       "/hosts/0/country", R"("")", remark::kCountry},
      {"of two countries the first of the alphabet counts",
       [](MirrorList& c) {
         auto* const row = c.mutable_mirrorlistcache(0)->add_bycountry();
         row->set_key("NO");
         row->add_value(42);
       },
       "/hosts/1/country", R"("NO")", remark::kTwoCountries},
      {"bandwidth is taken", [](MirrorList&) {}, "/hosts/2/bandwidth_mbps", "1000"},
      {"bandwidth 0 is 1", [](MirrorList& c) { set_bandwidth(c, 1, 0); }, "/hosts/0/bandwidth_mbps",
       "1"},
      {"more bandwidth than allowed is the most allowed",
       [](MirrorList& c) { set_bandwidth(c, 1, 1'000'000); }, "/hosts/0/bandwidth_mbps", "100000"},
      {"unknown bandwidth is 1", [](MirrorList& c) { c.mutable_hostbandwidthcache()->Clear(); },
       "/hosts/0/bandwidth_mbps", "1"},
      {"a host that is not for everybody is private",
       [](MirrorList& c) { add_carrier(*c.mutable_mirrorlistcache(0), 7, {12}); },
       "/hosts/1/private", "true"},
      {"private in one directory is private everywhere",
       [](MirrorList& c) {
         add_directory(c, "other");
         c.mutable_mirrorlistcache(1)->mutable_global()->RemoveLast();
       },
       "/hosts/2/private", "true", remark::kSometimesPrivate},
      {"even when that directory cannot be read",
       [](MirrorList& c) {
         add_directory(c, "other/../x");
         c.mutable_mirrorlistcache(1)->mutable_global()->RemoveLast();
       },
       "/hosts/2/private", "true", remark::kDirectory},
      {"public is public", [](MirrorList&) {}, "/hosts/2/private", "false"},
      {"allowed countries",
       [](MirrorList& c) {
         allow(c, 1, "us");
         allow(c, 1, "CA");
       },
       "/hosts/0/allowed_countries", R"(["CA","US"])"},
      {"an allowed country that is none",
       [](MirrorList& c) {
         allow(c, 1, "USA");
         allow(c, 1, "CA");
       },
       "/hosts/0/allowed_countries", R"(["CA"])", remark::kAllowedCountry},
      {"a host that may serve nobody we know serves nobody",
       [](MirrorList& c) { allow(c, 1, "USA"); }, "/host_sets", "[[42,100]]",
       remark::kAllowedNowhere},
      {"ASNs",
       [](MirrorList& c) {
         add_asn(c, 680, 1);
         add_asn(c, 3, 1);
       },
       "/hosts/0/client_asns", "[3,680]"},
      {"an ASN that is none", [](MirrorList& c) { add_asn(c, 1ULL << 32U, 1); },
       "/hosts/0/client_asns", "[]", remark::kAsn},
      {"netblocks in every spelling",
       [](MirrorList& c) {
         add_netblock(c, "10.0.0.0/255.0.0.0", 1);
         add_netblock(c, "9.9.9.9", 1);
         add_netblock(c, "2001:db8::/32", 1);
       },
       "/hosts/0/netblocks", R"(["9.9.9.9/32","10.0.0.0/8","2001:db8::/32"])"},
      {"bits past the length are cleared", [](MirrorList& c) { add_netblock(c, "10.1.0.0/8", 1); },
       "/hosts/0/netblocks", R"(["10.0.0.0/8"])", remark::kMaskedNetblock},
      {"a netblock that is none", [](MirrorList& c) { add_netblock(c, "host.example", 1); },
       "/hosts/0/netblocks", "[]", remark::kNetblock},
      {"countries of netblocks, the first of equals",
       [](MirrorList& c) {
         add_text(*c.mutable_netblockcountrycache(), "10.0.0.0/8", "de");
         add_text(*c.mutable_netblockcountrycache(), "10.0.0.0/8", "FR");
       },
       "/netblock_countries", R"({"10.0.0.0/8":"DE"})"},
      {"a netblock's country that is none",
       [](MirrorList& c) { add_text(*c.mutable_netblockcountrycache(), "10.0.0.0/8", "Europe"); },
       "/netblock_countries", "{}", remark::kNetblockCountry},
      {"the cache's continents override",
       [](MirrorList& c) { add_text(*c.mutable_countrycontinentredirectcache(), "TR", "EU"); },
       "/countries/TR", R"("EU")"},
      {"for known countries only",
       [](MirrorList& c) { add_text(*c.mutable_countrycontinentredirectcache(), "QQ", "EU"); },
       "/countries/TR", R"("AS")", remark::kContinent},
      {"a repository is split at the last plus sign",
       [](MirrorList& c) {
         add_text(*c.mutable_repoarchtodirectoryname(), "c++-9+x86_64", kDirectory);
       },
       "/repositories/0/name", R"("c++-9")"},
      {"a repository without architecture",
       [](MirrorList& c) { add_text(*c.mutable_repoarchtodirectoryname(), "os", kDirectory); },
       "/repositories", "[]", remark::kRepository},
      {"a repository of an unknown directory",
       [](MirrorList& c) { add_text(*c.mutable_repoarchtodirectoryname(), "os+x86_64", "none"); },
       "/repositories", "[]", remark::kRepositoryDirectory},
      {"a disabled name disables every architecture",
       [](MirrorList& c) {
         add_text(*c.mutable_repoarchtodirectoryname(), "os+b", kDirectory);
         add_text(*c.mutable_repoarchtodirectoryname(), "os+a", kDirectory);
         disable(c, "os");
       },
       "/repositories/1/disabled", "true"},
      {"disabled, but nowhere", [](MirrorList& c) { disable(c, "os"); }, "/repositories", "[]",
       remark::kDisabled},
      {"redirects", [](MirrorList& c) { add_text(*c.mutable_repositoryredirectcache(), "a", "b"); },
       "/redirects", R"({"a":"b"})"},
      {"a redirect to itself",
       [](MirrorList& c) { add_text(*c.mutable_repositoryredirectcache(), "a", "a"); },
       "/redirects", "{}", remark::kRedirectChain},
      {"a redirect to nowhere",
       [](MirrorList& c) { add_text(*c.mutable_repositoryredirectcache(), "a", ""); }, "/redirects",
       "{}", remark::kRedirect},
      {"a file", [](MirrorList& c) { add_file(c, kDirectory, "f")->set_md5(std::string(32, 'A')); },
       "/directories/0/files/0/versions/0/md5", R"("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")"},
      {"a digest that is none",
       [](MirrorList& c) { add_file(c, kDirectory, "f")->set_md5("MD5555"); },
       "/directories/0/files/0/versions/0/md5", R"("")", remark::kDigest},
      {"a digest of another length",
       [](MirrorList& c) { add_file(c, kDirectory, "f")->set_sha1(std::string(32, 'a')); },
       "/directories/0/files/0/versions/0/sha1", R"("")", remark::kDigest},
      {"versions are newest first, whatever their order",
       [](MirrorList& c) {
         add_file(c, kDirectory, "f");
         add_file(c, kDirectory, "f")->set_timestamp(18);
       },
       "/directories/0/files/0/versions/0/timestamp", "18"},
      {"files of an unknown directory", [](MirrorList& c) { add_file(c, "none", "f"); },
       "/directories/0/files", "[]", remark::kFileDirectory},
      {"a file that is a path", [](MirrorList& c) { add_file(c, kDirectory, "a/f"); },
       "/directories/0/files", "[]", remark::kFileName},
      {"a directory that comes twice", [](MirrorList& c) { add_directory(c, kDirectory); },
       "/host_sets", "[[1,42,100]]", remark::kDirectoryTwice},
      {"a directory that does not end as its subpath",
       [](MirrorList& c) { add_directory(c, "a/b", "c"); }, "/directories/0/path",
       R"("directory/level/three")", remark::kDirectory},
  }));
  CAPTURE(rule.what);
  MirrorList cache = tests::three_hosts();
  rule.edit(cache);
  const Imported imported = import(tests::bytes_of(cache));
  CHECK(imported.shown.at(json::json_pointer(rule.pointer)) == json::parse(rule.expected));
  CAPTURE(imported.remarks.lines());
  CHECK(imported.remarks.lines().empty() == !rule.remark);
  if (rule.remark) CHECK(imported.remarks.count(*rule.remark) == 1);
  // There and back.
  CHECK(import(export_cache(imported.file)).file == imported.file);
}

TEST_CASE("announced prefixes come along and back") {
  const std::vector<snapshot::AsnPrefix> asns{{*net::Prefix::parse("10.0.0.0/8"), 7},
                                              {*net::Prefix::parse("2001:db8::/32"), 8}};
  const Imported imported = import(tests::bytes_of(tests::three_hosts()), asns);
  CHECK(snapshot::decode_asn_table(snapshot::decode_file(imported.file).asns()) == asns);
}
