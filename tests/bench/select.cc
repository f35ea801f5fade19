// The yardstick of reading the big table: every row that cache_builder asks for, fetched through
// the C API of SQLite and nothing else. Prints JSON: how many rows, how many seconds.
#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

namespace {

sqlite3* database = nullptr;

void need(bool is_good) {
  if (is_good) return;
  std::cerr << "bench_select: " << sqlite3_errmsg(database) << '\n';
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: bench_select FILE\n";
    return 2;
  }
  const auto start = std::chrono::steady_clock::now();
  need(sqlite3_open_v2(argv[1], &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  need(sqlite3_prepare_v2(database,
                          "SELECT directory_id, host_category_id FROM host_category_directory "
                          "WHERE is_up_to_date = 1 ORDER BY directory_id, host_category_id",
                          -1, &statement, nullptr) == SQLITE_OK);
  long long rows = 0;
  long long sum = 0;  // so that the columns are read
  int status = SQLITE_ROW;
  while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
    sum += sqlite3_column_int64(statement, 0) ^ sqlite3_column_int64(statement, 1);
    ++rows;
  }
  need(status == SQLITE_DONE);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::cout << R"({"rows": )" << rows << R"(, "seconds": )" << taken.count() << R"(, "sum": )"
            << sum << "}\n";
  sqlite3_finalize(statement);
  sqlite3_close(database);
}
