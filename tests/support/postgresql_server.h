// A PostgreSQL server of this test program's own: in a temporary folder, on a Unix socket only, as
// an unprivileged user, and gone with the program. Started when it is first asked for.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace mirrorway::tests {

class PostgresqlServer {
 public:
  // Where Debian's package postgresql is absent, says so and ends the program with the status that
  // ctest shows as skipped.
  static PostgresqlServer& instance();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;
  ~PostgresqlServer();

  std::string url(const std::string& database) const;
  // A new database, with all that the other one has; it must not be in use.
  std::string create_database(const std::string& like = "template0");
  void drop_database(const std::string& name) const;

  // Runs statements. Returns what the server has against them, its code first, or "".
  std::string run(const std::string& database, const std::string& sql) const;
  // Every row of a query, columns joined by '|'.
  std::vector<std::string> query(const std::string& database, const std::string& sql) const;

  // For tests of what happens then.
  void stop();
  void start();

 private:
  PostgresqlServer();
  std::string data() const { return (folder_.path() / "data").string(); }

  TemporaryFolder folder_;
  pid_t server_ = -1;
  int databases_ = 0;
};

}  // namespace mirrorway::tests
