#include "mirrorlist_client/health.h"

#include <functional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace mirrorway;
using namespace mirrorway::mirrorlist_client;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kWritten = 1'700'000'000;

HealthFacts good_facts() {
  HealthFacts facts;
  facts.workers = 2;
  facts.server.emplace();
  facts.server->set_snapshot_digest("ab");
  facts.server->set_snapshot_generation(3);
  facts.server->set_snapshot_written(kWritten);
  facts.lookup_status = 200;
  facts.now = std::chrono::system_clock::time_point(std::chrono::seconds(kWritten) + 30min);
  return facts;
}

struct Row {
  const char* name;
  std::function<void(HealthFacts&)> change;
  std::chrono::seconds max_age;
  const char* expected;
};

}  // namespace

TEST_CASE("health says in words what is wrong") {
  const Row row = GENERATE(values<Row>({
      {"all is well", [](HealthFacts&) {}, 1h, "ok\n"},
      {"a repository that is disabled is answered", [](HealthFacts& f) { f.lookup_status = 404; },
       0s, "ok\n"},
      {"no age is too old without a limit",
       [](HealthFacts& f) { f.server->set_snapshot_written(0); }, 0s, "ok\n"},
      {"just old enough", [](HealthFacts&) {}, 30min, "ok\n"},
      {"a clock that went back", [](HealthFacts& f) { f.now -= 24h; }, 1s, "ok\n"},
      {"too old", [](HealthFacts&) {}, 29min,
       "failing\nthe snapshot is 30 min old; --max-snapshot-age allows 29 min\n"},
      {"no server", [](HealthFacts& f) { f.server.reset(); }, 0s,
       "failing\nmirrorlist_server does not answer\n"},
      {"no answer to a lookup", [](HealthFacts& f) { f.lookup_status.reset(); }, 0s,
       "failing\nmirrorlist_server does not answer a lookup\n"},
      {"a bad answer", [](HealthFacts& f) { f.lookup_status = 503; }, 0s,
       "failing\nmirrorlist_server answers a lookup with status 503\n"},
      {"no worker", [](HealthFacts& f) { f.workers = 0; }, 0s,
       "failing\nno worker process is running\n"},
      {"a refused snapshot", [](HealthFacts& f) { f.server->set_snapshot_problem("b\nad"); }, 0s,
       "warning\nthe snapshot offered last was refused, an older one answers: b\\x0aad\n"},
      {"failing goes before warning",
       [](HealthFacts& f) {
         f.server->set_geolocation_problem("bad");
         f.lookup_status.reset();
       },
       0s,
       "failing\nmirrorlist_server does not answer a lookup\n"
       "the geolocation files offered last were refused, older ones are used: bad\n"},
  }));
  INFO(row.name);
  HealthFacts facts = good_facts();
  row.change(facts);
  CHECK(health_text(judge_health(facts, row.max_age)) == row.expected);
}

TEST_CASE("health as JSON has the same words, and the snapshot") {
  HealthFacts facts = good_facts();
  const auto json = nlohmann::json::parse(health_json(judge_health(facts, 1min), facts));
  CHECK(json["status"] == "failing");
  CHECK(json["reasons"].size() == 1);
  CHECK(json["snapshot"]["generation"] == 3);
  CHECK(json["snapshot"]["age_seconds"] == 1800);
  facts.server.reset();
  CHECK(nlohmann::json::parse(health_json(judge_health(facts, 0s), facts))["snapshot"].is_null());
}
