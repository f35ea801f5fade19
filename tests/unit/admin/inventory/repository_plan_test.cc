#include "admin/inventory/repository_plan.h"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace mirrorway::admin;

namespace {

constexpr const char* kFile = R"({
  "required_protocols": ["http", "https"],
  "versions": ["9", "9.8", "10"],
  "duplicated_versions": {"9": "9.8"},
  "vault_versions": ["9.7", "9.8-beta"],
  "vault_mirror": "http://vault.example/",
  "optional_module_versions": {"next": ["10"]},
  "arches": {"9": ["x86_64", "arm64"], "10": ["x86_64"], "10-next": ["riscv64"]},
  "repos": [
    {"name": "Core", "path": "Core/$basearch/os/", "versions": null, "arches": null, "vault": false},
    {"name": "gpu", "path": "gpu/$basearch", "versions": ["9.8"], "arches": ["x86_64"], "vault": false},
    {"name": "core-source", "path": "Core/Source", "versions": ["9.8", "10-next"], "vault": true}
  ]})";

RepositoryPlan plan_of(const char* text) {
  return plan_repositories(parse_repositories_file(text).or_throw("file"), "top").or_throw("plan");
}

std::vector<std::string> lines(const RepositoryPlan& plan) {
  std::vector<std::string> result;
  for (const PlannedRepository& planned : plan.repositories)
    result.push_back(fmt::format("{} {} {}{}{}", planned.name, planned.architecture,
                                 planned.directory, planned.is_vault ? " vault" : "",
                                 planned.module.empty() ? "" : " of " + planned.module));
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

TEST_CASE("every version, architecture and pattern gives a repository; aliases give none") {
  CHECK(lines(plan_of(kFile)) ==
        std::vector<std::string>{
            "core-10 x86_64 top/10/Core/x86_64/os",
            "core-10-next riscv64 top-next/10-next/Core/riscv64/os of next",
            "core-9.7 arm64 top/9.7/Core/arm64/os vault",
            "core-9.7 x86_64 top/9.7/Core/x86_64/os vault",
            "core-9.8 arm64 top/9.8/Core/arm64/os",
            "core-9.8 x86_64 top/9.8/Core/x86_64/os",
            "core-9.8-beta arm64 top/9.8-beta/Core/arm64/os vault",
            "core-9.8-beta x86_64 top/9.8-beta/Core/x86_64/os vault",
            "core-source-10-next source top/10-next/Core/Source vault",
            "core-source-9.8 source top/9.8/Core/Source vault",
            "gpu-9.8 x86_64 top/9.8/gpu/x86_64",
        });
}

TEST_CASE("an alias redirects every repository of its version") {
  std::vector<std::string> redirects;
  for (const PlannedRedirect& redirect : plan_of(kFile).redirects)
    redirects.push_back(redirect.from + " " + redirect.to);
  CHECK(redirects == std::vector<std::string>{"core-9 core-9.8", "core-source-9 core-source-9.8",
                                              "gpu-9 gpu-9.8"});
}

TEST_CASE("what the file leaves unclear is remarked upon") {
  const auto plan = plan_of(R"({"versions": ["7"], "arches": {}, "repos": [
    {"name": "a", "path": "a/$basearch"},
    {"name": "b", "path": "b"}, {"name": "B", "path": "c"}]})");
  CHECK(lines(plan) == std::vector<std::string>{"b-7 source top/7/b"});
  REQUIRE(plan.remarks.size() == 2);
  CHECK_THAT(plan.remarks[0], Catch::Contains("no architectures are listed for version 7"));
  CHECK_THAT(plan.remarks[1], Catch::Contains("b-7 for source is listed twice"));
}

TEST_CASE("a repositories file that is wrong anywhere is refused") {
  struct Row {
    const char* text;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({
      {"", "no JSON"},
      {"{}", "\"repos\" is no list"},
      {R"({"repos": [1]})", "repos: entry 1: no object"},
      {R"({"repos": [{"name": "a"}]})", "repos: entry 1: \"path\" is missing"},
      {R"({"repos": [{"name": "a", "path": "b", "vault": 1}]})", "\"vault\" is neither"},
      {R"({"repos": [], "versions": "9"})", "\"versions\" is no list"},
      {R"({"repos": [], "arches": {"9": "x86_64"}})", "arches: \"9\" is no list"},
      {R"({"repos": [], "duplicated_versions": {"9": 9}})", "duplicated_versions: \"9\" is no"},
      {R"({"repos": [], "required_protocols": ["gopher"]})", "is no protocol of mirrors"},
      {R"({"repos": [], "vault_mirror": "vault"})", "vault_mirror: \"vault\" does not start"},
      {R"({"repos": [], "vault_versions": ["9"]})", "\"vault_mirror\" is missing"},
      {R"({"repos": [{"name": "a", "path": "b", "vault": true}]})", "\"vault_mirror\" is missing"},
  }));
  const auto file = parse_repositories_file(row.text);
  CAPTURE(row.text);
  REQUIRE_FALSE(file);
  CHECK_THAT(file.reason(), Catch::Contains(row.reason));
}

TEST_CASE("a path that leaves its version's folder is refused") {
  const auto file = parse_repositories_file(
      R"({"versions": ["7"], "repos": [{"name": "a", "path": "../../etc"}]})");
  const auto plan = plan_repositories(*file, "top");
  REQUIRE_FALSE(plan);
  CHECK_THAT(plan.reason(), Catch::Contains("has a segment \"..\""));
}
