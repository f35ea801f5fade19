// Repositories of clients that fill in their own architecture: $basearch.

#include "common/answer/directory.h"

#include <map>

#include <catch2/catch.hpp>

#include "common/answer/lookup.h"
#include "tests/support/world.h"

using namespace mirrorway;

namespace {

struct Repository {
  std::string name;
  std::string architecture;
  std::string path;  // below pub/linux or pub/other
  bool is_disabled = false;
};

proto::Snapshot world_of(const std::vector<Repository>& repositories) {
  tests::Network network;
  network.add_host("a.example", "DE");
  network.add_host("b.example", "DE");
  auto snapshot = network.snapshot();
  snapshot.add_categories()->set_name("other");
  snapshot.mutable_categories(1)->set_top_directory("pub/other");
  std::map<std::string, std::uint32_t> places;
  for (const auto& repository : repositories) places[repository.path];
  snapshot.clear_directories();
  for (auto& [path, place] : places) {
    place = static_cast<std::uint32_t>(snapshot.directories_size());
    auto& directory = *snapshot.add_directories();
    directory.set_path(path);
    const bool is_other = path.starts_with("pub/other");
    directory.set_category(is_other ? 1 : 0);
    directory.set_host_set(is_other ? 0 : 1);
  }
  snapshot.clear_host_sets();
  snapshot.add_host_sets("");
  snapshot.add_host_sets("\x03");
  snapshot.clear_repositories();
  for (const auto& repository : repositories) {
    auto& entry = *snapshot.add_repositories();
    entry.set_name(repository.name);
    entry.set_architecture(repository.architecture);
    entry.set_directory(places[repository.path]);
    entry.set_is_disabled(repository.is_disabled);
  }
  return snapshot;
}

}  // namespace

TEST_CASE("a list for every architecture needs directories that differ in its name alone") {
  struct Row {
    const char* rule;
    std::vector<Repository> repositories;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({
      {"the name of the architecture is the client's to fill in",
       {{"os", "aarch64", "pub/linux/os/aarch64/tree"},
        {"os", "x86_64", "pub/linux/os/x86_64/tree"}},
       "/os/$basearch/tree/"},
      {"wherever it stands",
       {{"os", "aarch64", "pub/linux/aarch64/os/aarch64"},
        {"os", "x86_64", "pub/linux/x86_64/os/x86_64"}},
       "/$basearch/os/$basearch/"},
      {"one architecture", {{"os", "x86_64", "pub/linux/os/x86_64"}}, "/os/$basearch/"},
      {"one architecture whose name is nowhere", {{"os", "x86_64", "pub/linux/os"}}, "/os/"},
      {"all architectures in one directory",
       {{"os", "aarch64", "pub/linux/os"}, {"os", "x86_64", "pub/linux/os"}},
       "/os/"},
      {"a part of a segment is not the name",
       {{"os", "aarch64", "pub/linux/os-aarch64"}, {"os", "x86_64", "pub/linux/os-x86_64"}},
       "miss"},
      {"different layouts",
       {{"os", "aarch64", "pub/linux/altarch/aarch64"}, {"os", "x86_64", "pub/linux/os/x86_64"}},
       "miss"},
      {"different depths",
       {{"os", "aarch64", "pub/linux/aarch64"}, {"os", "x86_64", "pub/linux/x86_64/os"}},
       "miss"},
      {"different categories",
       {{"os", "aarch64", "pub/other/os/aarch64"}, {"os", "x86_64", "pub/linux/os/x86_64"}},
       "miss"},
      {"disabled ones are left out",
       {{"os", "aarch64", "pub/linux/old", true}, {"os", "x86_64", "pub/linux/os/x86_64"}},
       "/os/$basearch/"},
      {"all of them disabled",
       {{"os", "aarch64", "pub/linux/old", true}, {"os", "x86_64", "pub/linux/old", true}},
       "disabled"},
      {"another repository's do not count",
       {{"os", "x86_64", "pub/linux/os/x86_64"}, {"os2", "x86_64", "pub/linux/somewhere/x86_64"}},
       "/os/$basearch/"},
      {"no such repository", {{"other", "x86_64", "pub/linux/os/x86_64"}}, "miss"},
      {"a dollar sign of the path's own is encoded",
       {{"os", "aarch64", "pub/linux/$basearch/aarch64"},
        {"os", "x86_64", "pub/linux/$basearch/x86_64"}},
       "/%24basearch/$basearch/"},
      {"the architecture is the top directory itself", {{"os", "x86_64", "pub/linux"}}, "/"},
  }));
  CAPTURE(row.rule);
  const tests::World w(world_of(row.repositories));
  const auto found = answer::find_target(w.image(), {"os", "$basearch", ""});
  std::string text = "miss";
  if (const auto* target = std::get_if<answer::Target>(&found)) text = target->tail;
  if (std::holds_alternative<answer::Disabled>(found)) text = "disabled";
  CHECK(text == row.expected);
}

TEST_CASE("a list for every architecture is of the hosts that carry them all") {
  auto snapshot = world_of(
      {{"os", "aarch64", "pub/linux/os/aarch64"}, {"os", "x86_64", "pub/linux/os/x86_64"}});
  snapshot.clear_host_sets();
  snapshot.add_host_sets("\x02");
  snapshot.add_host_sets("\x03");
  snapshot.mutable_directories(0)->set_host_set(0);
  const tests::World w(snapshot);
  proto::LookupRequest request;
  request.set_repository("os");
  request.set_client_address(std::string(tests::address("192.0.2.1").bytes()));
  const auto ask = [&](const char* architecture) {
    request.set_architecture(architecture);
    return answer::answer_lookup(w.image(), {}, {}, request, tests::kNow).body();
  };
  CHECK(ask("$basearch") ==
        "# repo = os arch = $basearch country = global \nhttps://b.example/linux/os/$basearch/\n");
  CHECK_THAT(ask("x86_64"), Catch::Contains("https://a.example/linux/os/x86_64/\n"));
  request.set_form(proto::METALINK);
  request.set_architecture("$basearch");
  CHECK(answer::answer_lookup(w.image(), {}, {}, request, tests::kNow).status() == 404);
}
