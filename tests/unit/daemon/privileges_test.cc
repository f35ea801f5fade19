#include "common/daemon/privileges.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "common/base/error.h"

using namespace mirrorway;
using daemon::find_identity;

TEST_CASE("users and groups are found by name and by number") {
  CHECK_FALSE(find_identity("", ""));
  const auto root = find_identity("root", "");
  REQUIRE(root);
  CHECK(root->user == 0);
  CHECK(root->group == 0);
  CHECK(find_identity("0", "")->group == 0);
  const auto stranger = find_identity("4000000", "4000001");
  CHECK(stranger->user == 4'000'000);
  CHECK(stranger->group == 4'000'001);
  CHECK(stranger->groups == std::vector<gid_t>{4'000'001});
  CHECK(find_identity("nobody", "root")->group == 0);
}

TEST_CASE("who does not exist is named") {
  CHECK_THROWS_WITH(find_identity("no such user", ""), Catch::Contains("\"no such user\""));
  CHECK_THROWS_WITH(find_identity("root", "no such group"),
                    "--group: there is no group \"no such group\"");
  CHECK_THROWS_WITH(find_identity("4000000", ""), Catch::Contains("--group"));
  CHECK_THROWS_WITH(find_identity("", "root"), Catch::Contains("--user"));
  CHECK_THROWS_AS(find_identity("-1", ""), base::UsageError);
  CHECK_THROWS_AS(find_identity("4294967295", "0"), base::UsageError);  // "leave as it is"
}

TEST_CASE("privileges are dropped for good, or the process does not go on") {
  const pid_t pid = ::fork();
  if (pid == 0) {
    const bool was_root = ::geteuid() == 0;
    try {
      daemon::drop_privileges(*find_identity("4000000", "4000001"));
      gid_t group = 0;
      const bool is_dropped = ::geteuid() == 4'000'000 && ::getegid() == 4'000'001 &&
                              ::getgroups(1, &group) == 1 && group == 4'000'001 &&
                              ::setuid(0) != 0 && ::setgid(0) != 0;
      // Once more is nothing.
      daemon::drop_privileges(*find_identity("4000000", "4000001"));
      ::_exit(was_root && is_dropped ? 0 : 1);
    } catch (const base::Error&) {
      ::_exit(was_root ? 2 : 0);
    }
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  CHECK(status == 0);
}
