#include "cache_builder/mirrormanager/categories.h"

#include <fmt/format.h>

#include <algorithm>

#include <catch2/catch.hpp>

#include "cache_builder/mirrormanager/remarks.h"
#include "tests/support/mirrormanager_cache.h"
#include "tests/unit/cache_builder/mirrormanager/there_and_back.h"

using namespace mirrorway;
using namespace mirrorway::cache_builder;
using mirrormanager::MirrorList;
using nlohmann::json;
using tests::add_carrier;
using tests::add_directory;

namespace {

// Ids of the hosts of every directory.
std::string hosts_by_directory(const json& shown) {
  std::string text;
  for (const json& directory : shown["directories"])
    text += fmt::format("{}: {}; ", directory["path"].get<std::string>(),
                        shown["host_sets"][directory["host_set"].get<std::size_t>()].dump());
  return text;
}

// A directory of hosts 1 and 42 in which host 1 has another URL.
void add_deviating_directory(MirrorList& cache, const std::string& path,
                             const std::string& subpath) {
  auto* const directory = cache.add_mirrorlistcache();
  directory->set_directory(path);
  directory->set_subpath(subpath);
  for (const std::uint64_t host : {1U, 42U}) directory->add_global(host);
  add_carrier(*directory, 1, {12});
  add_carrier(*directory, 42, {421, 422, 423});
}

}  // namespace

TEST_CASE("categories are found by the tops of directories and the URLs of hosts") {
  struct Row {
    const char* what;
    void (*edit)(MirrorList&);
    const char* categories;   // of all directories, by path
    const char* directories;  // hosts by directory
  };
  const auto row = GENERATE(values<Row>({
      {"one top, one category",
       [](MirrorList& c) {
         add_directory(c, "pub/os/2", "2");
         add_directory(c, "pub/os", "");
         add_directory(c, "pub/os/1/x", "1/x");
       },
       R"(["pub/os","pub/os","pub/os"])", "pub/os: [1,42,100]; pub/os/1/x: [1,42,100]; "},
      {"a nested top is another category",
       [](MirrorList& c) {
         add_directory(c, "pub/os/1", "os/1");
         add_directory(c, "pub/os/2", "2");
       },
       R"(["pub","pub/os"])", "pub/os/1: [1,42,100]; "},
      {"the top of everything", [](MirrorList& c) { add_directory(c, "os/1", "os/1"); }, R"(["/"])",
       "os/1: [1,42,100]; "},
      {"other URLs open another category, whichever comes first in the cache",
       [](MirrorList& c) {
         add_deviating_directory(c, "os/2", "2");
         add_directory(c, "os/3", "3");
         add_directory(c, "os/1", "1");
         add_deviating_directory(c, "os/4", "4");
       },
       R"(["os","os 2","os","os 2"])",
       "os/1: [1,42,100]; os/2: [1,42]; os/3: [1,42,100]; os/4: [1,42]; "},
      {"a directory without hosts goes anywhere",
       [](MirrorList& c) {
         add_directory(c, "os/1", "1");
         c.add_mirrorlistcache()->set_directory("os/2");
         c.mutable_mirrorlistcache(1)->set_subpath("2");
       },
       R"(["os","os"])", "os/1: [1,42,100]; os/2: []; "},
      {"a name that is taken is not taken again",
       [](MirrorList& c) {
         add_directory(c, "os 2/1", "1");
         add_directory(c, "os/1", "1");
         add_deviating_directory(c, "os/2", "2");
       },
       R"(["os 2","os","os 3"])", "os 2/1: [1,42,100]; os/1: [1,42,100]; os/2: [1,42]; "},
      {"slashes are tidied up", [](MirrorList& c) { add_directory(c, "/pub//os/1/", "/1"); },
       R"(["pub/os"])", "pub/os/1: [1,42,100]; "},
  }));
  CAPTURE(row.what);
  MirrorList cache = tests::three_hosts();
  cache.clear_mirrorlistcache();
  row.edit(cache);
  const Imported imported = import(tests::bytes_of(cache));
  json categories = json::array();
  for (const json& directory : imported.shown["directories"])
    categories.push_back(directory["category"]);
  CHECK(categories == json::parse(row.categories));
  CHECK_THAT(hosts_by_directory(imported.shown), Catch::Contains(row.directories));
  CHECK(import(export_cache(imported.file)).file == imported.file);
}

TEST_CASE("more categories than a snapshot holds are left out") {
  MirrorList cache = tests::three_hosts();
  for (int i = 0; i < 300; ++i) add_directory(cache, fmt::format("{:03}", i));
  const Imported imported = import(tests::bytes_of(cache));
  CHECK(imported.shown["directories"].size() == 255);
  CHECK(imported.remarks.count(remark::kTooManyCategories) == 46);
  CHECK(import(export_cache(imported.file)).file == imported.file);
}

TEST_CASE("a long top still makes a name") {
  MirrorList cache = tests::three_hosts();
  std::string top = "a";
  for (int i = 0; i < 200; ++i) top += "ö";
  add_directory(cache, top);
  const Imported imported = import(tests::bytes_of(cache));
  CHECK(imported.shown["categories"][0]["top_directory"] == top);
  CHECK(imported.shown["categories"][0]["name"] == top.substr(0, 247));
}

TEST_CASE("the order of a cache does not matter") {
  MirrorList cache = tests::three_hosts();
  add_deviating_directory(cache, "os/2", "2");
  add_directory(cache, "os/1", "1");
  for (const char* name : {"b", "a"}) {
    auto* const files = cache.add_filedetailscache();
    files->set_directory("os/1");
    files->add_files()->set_filename(name);
    files->mutable_files(0)->add_details();
  }
  MirrorList turned = cache;
  std::reverse(turned.mutable_mirrorlistcache()->pointer_begin(),
               turned.mutable_mirrorlistcache()->pointer_end());
  std::reverse(turned.mutable_filedetailscache()->pointer_begin(),
               turned.mutable_filedetailscache()->pointer_end());
  CHECK(import(tests::bytes_of(turned)).file == import(tests::bytes_of(cache)).file);
}
