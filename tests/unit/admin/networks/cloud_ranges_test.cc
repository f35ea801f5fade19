#include "admin/networks/cloud_ranges.h"

#include <catch2/catch.hpp>

using namespace mirrorway;
using admin::parse_cloud_file;
using catalog::CloudRange;

namespace {

CloudRange range(const char* provider, const char* region, const char* netblock) {
  return {{provider, region}, *net::Prefix::parse(netblock)};
}

}  // namespace

TEST_CASE(
    "Amazon's file: both families, duplicates of its services dropped, regions in lower case") {
  const auto table = parse_cloud_file("aws", R"({
    "syncToken": "1700000000", "createDate": "2026-01-01-00-00-00",
    "prefixes": [
      {"ip_prefix": "11.2.0.0/15", "region": "eu-central-1", "service": "AMAZON",
       "network_border_group": "eu-central-1"},
      {"ip_prefix": "11.2.0.0/15", "region": "eu-central-1", "service": "EC2"},
      {"ip_prefix": "11.9.0.0/16", "region": "GLOBAL", "service": "AMAZON"}],
    "ipv6_prefixes": [{"ipv6_prefix": "2600:1::/32", "region": "eu-central-1"}]})");
  REQUIRE(table);
  CHECK((table->ranges == std::vector{range("aws", "eu-central-1", "11.2.0.0/15"),
                                      range("aws", "eu-central-1", "2600:1::/32"),
                                      range("aws", "global", "11.9.0.0/16")}));
  CHECK(table->remarks.empty());
}

TEST_CASE("Azure's file: the tags of AzureCloud's regions and no others") {
  const auto table = parse_cloud_file("azure", R"({"changeNumber": 1, "cloud": "Public", "values": [
    {"name": "AzureCloud", "properties": {"region": "", "addressPrefixes": ["11.0.0.0/16"]}},
    {"name": "AzureCloud.WestEurope",
     "properties": {"region": "westeurope", "addressPrefixes": ["11.1.0.0/16", "2600:2::/40"]}},
    {"name": "AzureCloud.eastus", "properties": {"region": "", "addressPrefixes": ["11.2.0.0/16"]}},
    {"name": "Storage.WestEurope",
     "properties": {"region": "westeurope", "addressPrefixes": ["11.3.0.0/16"]}}]})");
  REQUIRE(table);
  CHECK((table->ranges == std::vector{range("azure", "eastus", "11.2.0.0/16"),
                                      range("azure", "westeurope", "11.1.0.0/16"),
                                      range("azure", "westeurope", "2600:2::/40")}));
}

TEST_CASE("Google's file: one family each entry, the region is its scope") {
  const auto table = parse_cloud_file("gcp", R"({"prefixes": [
    {"ipv4Prefix": "11.1.0.0/20", "service": "Google Cloud", "scope": "europe-west1"},
    {"ipv6Prefix": "2600:3::/44", "service": "Google Cloud", "scope": "us-east1"}]})");
  REQUIRE(table);
  CHECK((table->ranges == std::vector{range("gcp", "europe-west1", "11.1.0.0/20"),
                                      range("gcp", "us-east1", "2600:3::/44")}));
}

TEST_CASE("Oracle's file: ranges below their region") {
  const auto table = parse_cloud_file("oci", R"({"last_updated_timestamp": "x", "regions": [
    {"region": "us-phoenix-1", "cidrs": [{"cidr": "11.1.0.0/18", "tags": ["OCI"]},
                                         {"cidr": "11.1.64.0/18", "tags": []}]},
    {"region": "eu-frankfurt-1", "cidrs": []}]})");
  REQUIRE(table);
  CHECK((table->ranges == std::vector{range("oci", "us-phoenix-1", "11.1.0.0/18"),
                                      range("oci", "us-phoenix-1", "11.1.64.0/18")}));
}

TEST_CASE("what is damaged, or another provider's, is refused by its place") {
  struct Row {
    const char* provider;
    const char* text;
    const char* problem;
  };
  const std::vector<Row> rows{
      {"aws", "", "no JSON"},
      {"aws", "{\"prefixes\": [{\"ip_prefix\": \"11.0.0.0/16\", \"region\": \"a", "no JSON"},
      {"aws", "[]", "no JSON object"},
      {"aws", "{}", "prefixes is no list; is it a file of aws?"},
      {"aws", R"({"prefixes": []})", "ipv6_prefixes is no list"},
      {"aws", R"({"prefixes": [], "ipv6_prefixes": []})", "no range is in it"},
      {"aws", R"({"prefixes": [7], "ipv6_prefixes": []})", "prefixes[0] is no object"},
      {"gcp", R"({"prefixes": [{"ipv4Prefix": 1, "scope": "a"}]})", "prefixes[0].ipv4Prefix"},
      {"gcp", R"({"prefixes": [{"ipv4Prefix": "11.0.0.0/16"}]})", "prefixes[0].scope"},
      {"gcp", R"({"prefixes": [{"ipv4Prefix": "11.0.0.1/16", "scope": "a"}]})",
       "11.0.0.0/16 meant"},
      {"gcp", R"({"prefixes": [{"ipv4Prefix": "0.0.0.0/0", "scope": "a"}]})", "too large"},
      {"gcp", R"({"prefixes": [{"ipv6Prefix": "2000::/3", "scope": "a"}]})", "too large"},
      {"gcp", R"({"prefixes": [{"ipv4Prefix": "11.0.0.0/16", "scope": "a b"}]})", "region \"a b\""},
      {"gcp", R"({"prefixes": [{"ipv4Prefix": "11.0.0.0/16", "scope": "ALL"}]})", "region \"ALL\""},
      {"oci", R"({"regions": [{"region": "a", "cidrs": 1}]})", "regions[0].cidrs is no list"},
      {"oci", R"({"regions": [{"region": "a", "cidrs": [{"cidr": "x"}]}]})", "regions[0].cidrs[0]"},
      {"azure", R"({"values": [{"name": "AzureCloud.a"}]})", "values[0].properties is no object"},
      {"azure", R"({"values": [{"name": "AzureCloud.a", "properties": {"region": "a"}}]})",
       "addressPrefixes is no list"},
      {"azure", R"({"values": [{"name": "Other"}]})", "no range is in it"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.provider, row.text);
    const auto table = parse_cloud_file(row.provider, row.text);
    CHECK_FALSE(table);
    CHECK_THAT(table.reason(), Catch::Contains(row.problem));
  }
}

TEST_CASE("private ranges in a file are left out with a remark") {
  const auto table = parse_cloud_file("gcp", R"({"prefixes": [
    {"ipv4Prefix": "10.0.0.0/8", "scope": "a"}, {"ipv4Prefix": "11.0.0.0/16", "scope": "a"}]})");
  REQUIRE(table);
  CHECK((table->ranges == std::vector{range("gcp", "a", "11.0.0.0/16")}));
  REQUIRE(table->remarks.size() == 1);
  CHECK_THAT(table->remarks.front(), Catch::Contains("prefixes[0]: 10.0.0.0/8 is private"));
}
