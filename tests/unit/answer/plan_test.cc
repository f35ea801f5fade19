// Which form an answer takes, and what it is of.

#include "common/answer/plan.h"

#include <catch2/catch.hpp>

#include "common/answer/lookup.h"
#include "common/http/lookup.h"
#include "tests/support/world.h"

using namespace mirrorway;

namespace {

void add_file(proto::Directory& directory, const char* name, bool has_sha256) {
  auto& file = *directory.add_files();
  file.set_name(name);
  auto& version = *file.add_versions();
  if (has_sha256) version.set_sha256(std::string(32, 'x'));
}

// pub/linux itself is no directory of the snapshot.
proto::Snapshot plan_world() {
  tests::Network network;
  network.add_host("a.example", "DE");
  auto snapshot = network.snapshot();
  const auto all = snapshot.directories(0).host_set();
  auto* directories = snapshot.mutable_directories();
  snapshot.mutable_directories(2)->set_host_set(all);
  add_file(*directories->Mutable(1), "repomd.xml", true);
  for (const char* path :
       {"pub/linux/bare", "pub/linux/bare/repodata", "pub/linux/dir.sha256", "pub/linux/iso"}) {
    auto& directory = *snapshot.add_directories();
    directory.set_path(path);
    directory.set_host_set(all);
  }
  add_file(*directories->Mutable(4), "repomd.xml", false);
  for (const auto& [name, has_sha256] : {std::pair("a.iso", true),
                                         {"a.iso.md5", false},
                                         {"bare", false},
                                         {"both", true},
                                         {"both.sha256", true}})
    add_file(*directories->Mutable(6), name, has_sha256);
  std::sort(directories->begin(), directories->end(),
            [](const auto& a, const auto& b) { return a.path() < b.path(); });
  snapshot.clear_repositories();
  for (const auto& [name, index] : {std::pair("bare", 0), {"os", 4}, {"partial", 6}}) {
    auto& repository = *snapshot.add_repositories();
    repository.set_name(name);
    repository.set_architecture("x86_64");
    repository.set_directory(static_cast<std::uint32_t>(index));
  }
  return snapshot;
}

proto::LookupRequest request_for(std::string_view target) {
  const http::Routes routes{{"/pub/"}, {}};
  const auto parsed = http::parse_lookup(routes, target, {}, tests::address("192.0.2.1")).result;
  REQUIRE(std::holds_alternative<proto::LookupRequest>(parsed));
  return std::get<proto::LookupRequest>(parsed);
}

// "METALINK /os/repodata/repomd.xml", or "none".
std::string plan(const snapshot::Image& image, const proto::LookupRequest& request) {
  const auto subject = answer::subject_of(image, request);
  REQUIRE(subject);
  const auto found = answer::find_target(image, *subject);
  REQUIRE(std::holds_alternative<answer::Target>(found));
  const auto plan = answer::plan_answer(image, request, *subject, std::get<answer::Target>(found));
  if (!plan) return "none";
  return proto::Form_Name(plan->form) + " " + plan->target.tail;
}

}  // namespace

TEST_CASE("an answer has the form that was asked for where there is such an answer") {
  struct Row {
    const char* rule;
    const char* target;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({
      {"a file is redirected to", "/pub/linux/iso/a.iso", "REDIRECT /iso/a.iso"},
      {"its metalink of version 4", "/pub/linux/iso/a.iso.meta4", "METALINK4 /iso/a.iso"},
      {"its metalink of version 3", "/pub/linux/iso/a.iso.metalink", "METALINK /iso/a.iso"},
      {"a digest that is known", "/pub/linux/iso/a.iso.sha256", "SHA256 /iso/a.iso"},
      {"a digest that is not known is a file like others", "/pub/linux/iso/a.iso.sha512",
       "REDIRECT /iso/a.iso.sha512"},
      {"a known file with the ending is itself", "/pub/linux/iso/a.iso.md5",
       "REDIRECT /iso/a.iso.md5"},
      {"even where the digest is known, too", "/pub/linux/iso/both.sha256",
       "REDIRECT /iso/both.sha256"},
      {"a file without details has URLs", "/pub/linux/iso/x.iso.meta4", "METALINK4 /iso/x.iso"},
      {"but nothing for version 3", "/pub/linux/iso/x.iso.metalink",
       "REDIRECT /iso/x.iso.metalink"},
      {"nor a digest", "/pub/linux/iso/x.iso.sha256", "REDIRECT /iso/x.iso.sha256"},
      {"a file without digests neither", "/pub/linux/iso/bare.metalink",
       "REDIRECT /iso/bare.metalink"},
      {"version 4 without digests", "/pub/linux/iso/bare.meta4", "METALINK4 /iso/bare"},
      {"format= knows no endings", "/pub/linux/iso/a.iso.sha256?format=json",
       "JSON /iso/a.iso.sha256"},
      {"a metalink by format=", "/pub/linux/iso/a.iso?format=metalink", "METALINK /iso/a.iso"},
      {"the file, where there is no metalink", "/pub/linux/iso/bare?format=metalink",
       "REDIRECT /iso/bare"},
      {"a directory has no metalink", "/pub/linux/iso/?format=metalink", "REDIRECT /iso/"},
      {"of either version", "/pub/linux/iso/?format=meta4", "REDIRECT /iso/"},
      {"a metalink by path", "/metalink?path=pub/linux/iso/a.iso", "METALINK /iso/a.iso"},
      {"none without digests", "/metalink?path=pub/linux/iso/bare", "none"},
      {"none without details", "/metalink?path=pub/linux/iso/x.iso", "none"},
      {"version 4 does without", "/metalink?format=meta4&path=pub/linux/iso/x.iso",
       "METALINK4 /iso/x.iso"},
      {"none of a directory by path", "/metalink?path=pub/linux/iso", "none"},
      {"none of a directory, though it is a repository's", "/metalink?path=pub/linux/os", "none"},
      {"a repository's is of its repomd.xml", "/metalink?repo=os&arch=x86_64",
       "METALINK /os/repodata/repomd.xml"},
      {"in version 4 as well", "/metalink?format=meta4&repo=os&arch=x86_64",
       "METALINK4 /os/repodata/repomd.xml"},
      {"none for a repository without digests", "/metalink?repo=bare&arch=x86_64", "none"},
      {"nor in version 4: they are the whole point", "/metalink?format=meta4&repo=bare&arch=x86_64",
       "none"},
      {"none for a repository without repodata", "/metalink?repo=partial&arch=x86_64", "none"},
      {"lists need nothing", "/mirrorlist?repo=bare&arch=x86_64", "MIRRORLIST /bare/"},
  }));
  CAPTURE(row.rule, row.target);
  const tests::World w(plan_world());
  CHECK(plan(w.image(), request_for(row.target)) == row.expected);
}

TEST_CASE("a directory whose name has an ending is that directory") {
  const tests::World w(plan_world());
  const auto response =
      answer::answer_lookup(w.image(), {}, {}, request_for("/pub/linux/dir.sha256"), tests::kNow);
  CHECK(response.status() == 302);
  CHECK(response.location() == "https://a.example/linux/dir.sha256/");
}

// No front end asks so, but whoever can open the socket may.
TEST_CASE("a digest is asked for without an ending, and not there") {
  const tests::World w(plan_world());
  auto request = request_for("/pub/linux/iso/a.iso");
  request.set_form(proto::SHA256);
  CHECK(plan(w.image(), request) == "SHA256 /iso/a.iso");
  request.set_form(proto::MD5);
  CHECK(plan(w.image(), request) == "REDIRECT /iso/a.iso");
  request = request_for("/mirrorlist?repo=os&arch=x86_64");
  request.set_form(proto::MD5);
  CHECK(plan(w.image(), request) == "REDIRECT /os/");
}

TEST_CASE("what has no metalink is named") {
  const tests::World w(plan_world());
  const auto ask = [&](const char* target) {
    const auto response =
        answer::answer_lookup(w.image(), {}, {}, request_for(target), tests::kNow);
    CHECK(response.status() == 404);
    return response.body();
  };
  CHECK(ask("/metalink?repo=bare&arch=x86_64") ==
        "pub/linux/bare/repodata/repomd.xml not found or has not metalink\n");
  CHECK(ask("/metalink?path=pub/linux/iso/x") == "pub/linux/iso/x not found or has not metalink\n");
}
