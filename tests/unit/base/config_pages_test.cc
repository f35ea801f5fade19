#include "common/base/config_pages.h"

#include <catch2/catch.hpp>

using namespace mirrorway;

namespace {

const std::vector<base::ConfigTable> kTables{
    {"[server]", "Answers.", {{"order", "near|far", "\"near\"", "Which first"}}},
    {"[[probe]]", "A question.", {{"least", "1 to 9", "1", "How many"}}}};

}  // namespace

TEST_CASE("the file has every key commented out, and tables that may repeat whole") {
  CHECK(base::format_config_file(kTables) ==
        "\n# Answers.\n[server]\n\n# Which first [near|far]\n#order = \"near\"\n"
        "\n# A question.\n#[[probe]]\n\n# How many [1 to 9]\n#least = 1\n");
}

TEST_CASE("long explanations become several lines, and words stay whole") {
  const std::string word(60, 'x');
  CHECK(base::format_config_file({{"[a]", word + ' ' + word, {}}}) ==
        "\n# " + word + "\n# " + word + "\n[a]\n");
}

TEST_CASE("a bar ends no cell of the reference") {
  CHECK(base::format_config_reference({kTables.front()}) ==
        "\n## `[server]`\n\nAnswers.\n\n| key | value | default | |\n|---|---|---|---|\n"
        "| `order` | near\\|far | `\"near\"` | Which first |\n");
}
