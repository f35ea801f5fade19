#include "tests/support/postgresql_server.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace mirrorway::tests {
namespace {

namespace fs = std::filesystem;

// The newest one; Debian has them in no folder of PATH.
std::string program(const std::string& name) {
  std::string newest;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    const fs::path path = version.path() / "bin" / name;
    if (fs::exists(path, ignored)) newest = std::max(newest, path.string());
  }
  return newest;
}

// PostgreSQL refuses to run as root.
const passwd* unprivileged_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  if (user == nullptr) user = ::getpwnam("nobody");
  if (user == nullptr) throw std::runtime_error("no user postgres or nobody");
  return user;
}

[[noreturn]] void run_child(const passwd* user, const std::string& folder,
                            std::vector<std::string> words) {
  const int log = ::open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  const int null = ::open("/dev/null", O_RDONLY);
  if (user != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::chdir(folder.c_str()) != 0 || ::dup2(null, 0) < 0 || ::dup2(log, 1) < 0 ||
      ::dup2(log, 2) < 0)
    ::_exit(126);
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::array<char*, 1> environment{nullptr};
  ::execve(argv[0], argv.data(), environment.data());
  ::_exit(127);
}

pid_t start_child(const std::string& folder, const std::vector<std::string>& words) {
  const passwd* const user = unprivileged_user();
  if (user != nullptr && ::chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0)
    throw std::runtime_error("chown " + folder);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) run_child(user, folder, words);
  return child;
}

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

Connection connect(const std::string& url) {
  Connection connection{PQconnectdb(url.c_str()), PQfinish};
  if (PQstatus(connection.get()) != CONNECTION_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  return connection;
}

}  // namespace

PostgresqlServer& PostgresqlServer::instance() {
  if (program("postgres").empty()) {
    std::cerr << "skipped: Debian's package postgresql is not installed\n";
    constexpr int kSkipped = 77;
    std::_Exit(kSkipped);
  }
  static PostgresqlServer server;
  return server;
}

// Text is ordered by a language, so that a test sees who relies on the order of bytes.
PostgresqlServer::PostgresqlServer() {
  const pid_t child =
      start_child(folder_.path().string(),
                  {program("initdb"), "--pgdata", data(), "--username", "mirrorway", "--auth",
                   "trust", "--encoding", "UTF8", "--locale", "C", "--locale-provider", "icu",
                   "--icu-locale", "en", "--no-sync", "--no-instructions"});
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0)
    throw std::runtime_error("initdb failed");
  start();
}

PostgresqlServer::~PostgresqlServer() {
  stop();
}

void PostgresqlServer::start() {
  std::vector<std::string> words{program("postgres"), "-D", data(), "-k", folder_.path().string()};
  for (const char* setting :
       {"listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
        "shared_buffers=32MB", "max_connections=30", "autovacuum=off"}) {
    words.emplace_back("-c");
    words.emplace_back(setting);
  }
  server_ = start_child(folder_.path().string(), words);
  // Long enough for a machine that is stopped meanwhile.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (PQping(url("postgres").c_str()) != PQPING_OK) {
    if (std::chrono::steady_clock::now() > deadline || ::waitpid(server_, nullptr, WNOHANG) != 0)
      throw std::runtime_error("the PostgreSQL server does not start");
    ::poll(nullptr, 0, 5);  // between two looks
  }
}

void PostgresqlServer::stop() {
  if (server_ <= 0) return;
  ::kill(server_, SIGQUIT);  // nobody wants to keep what it holds in memory
  ::waitpid(server_, nullptr, 0);
  server_ = -1;
}

std::string PostgresqlServer::url(const std::string& database) const {
  return "postgresql://mirrorway@/" + database + "?host=" + folder_.path().string();
}

std::string PostgresqlServer::create_database(const std::string& like) {
  std::string name = "d" + std::to_string(++databases_);
  const std::string problem = run("postgres", "CREATE DATABASE " + name + " TEMPLATE " + like);
  if (!problem.empty()) throw std::runtime_error(problem);
  return name;
}

void PostgresqlServer::drop_database(const std::string& name) const {
  run("postgres", "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
}

std::string PostgresqlServer::run(const std::string& database, const std::string& sql) const {
  const Connection connection = connect(url(database));
  const Result result{PQexec(connection.get(), sql.c_str()), PQclear};
  const char* const code = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  if (code == nullptr) return {};
  return std::string(code) + " " + PQresultErrorMessage(result.get());
}

std::vector<std::string> PostgresqlServer::query(const std::string& database,
                                                 const std::string& sql) const {
  const Connection connection = connect(url(database));
  const Result result{PQexec(connection.get(), sql.c_str()), PQclear};
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK)
    throw std::runtime_error(sql + ": " + PQresultErrorMessage(result.get()));
  std::vector<std::string> rows;
  for (int i = 0; i < PQntuples(result.get()); ++i) {
    std::string row;
    for (int j = 0; j < PQnfields(result.get()); ++j)
      row += std::string(j == 0 ? "" : "|") +
             (PQgetisnull(result.get(), i, j) != 0 ? "NULL" : PQgetvalue(result.get(), i, j));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace mirrorway::tests
