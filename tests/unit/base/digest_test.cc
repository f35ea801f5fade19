#include "common/base/digest.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;
using base::to_hex;

TEST_CASE("the digests of a file are those that coreutils prints") {
  struct Row {
    const char* name;
    std::string bytes;
    const char* md5;
    const char* sha1;
    const char* sha256;
    const char* sha512_begin;
  };
  const std::vector<Row> rows{
      {"empty", "", "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "cf83e1357eefb8bd"},
      // Longer than the pieces that it is read in.
      {"million", std::string(1'000'000, 'a'), "7707d6ae4e027c70eea2a935c2296f21",
       "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", "e718483d0ce76964"},
  };
  const tests::TemporaryFolder folder;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const base::FileFacts facts = base::read_file_facts(folder.write(row.name, row.bytes));
    CHECK(facts.size == static_cast<std::int64_t>(row.bytes.size()));
    CHECK(facts.timestamp > 1'000'000'000);
    CHECK(to_hex(facts.md5) == row.md5);
    CHECK(to_hex(facts.sha1) == row.sha1);
    CHECK(to_hex(facts.sha256) == row.sha256);
    CHECK(to_hex(facts.sha512).substr(0, 16) == row.sha512_begin);
  }
}

TEST_CASE("what is no regular file has no digests, and is not waited for") {
  const tests::TemporaryFolder folder;
  const std::string fifo = (folder.path() / "fifo").string();
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(base::read_file_facts(fifo), Catch::Contains("fifo is no regular file"));
  CHECK_THROWS_WITH(base::read_file_facts(folder.path()), Catch::Contains("is no regular file"));
  CHECK_THROWS_AS(base::read_file_facts(folder.path() / "none"), base::IoError);
}
