#include <array>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/catalog/engine.h"
#include "common/catalog/postgresql_copy.h"

namespace mirrorway::catalog {
namespace {

// Writers of catalogs hold this advisory lock of their database; any number that others are
// unlikely to have chosen.
constexpr std::int64_t kWriterLock = 7'597'136'415'926'535;

// The server's words for one line of ours, which puts what it quotes into quotation marks.
std::string quoted(std::string_view text) {
  constexpr std::size_t kMaxBytes = 300;
  return base::printable(replace_all(std::string(base::trim(text)), "\"", "'"), kMaxBytes);
}

// "Cannot execute query. ERROR:  …\nDETAIL:  …\n": the words before the two blanks are SOCI's and
// the server's severity, in the server's language. The detail names the row that is in the way.
std::string plain_message(const std::string& message) {
  const auto text_of = [](std::string_view line) {
    const std::size_t colon = line.find(":  ");
    return quoted(colon == std::string_view::npos ? line : line.substr(colon + 3));
  };
  const auto lines = base::split(message, '\n');
  std::string text = text_of(lines.front());
  if (lines.size() > 1 && lines[1].find(":  ") != std::string_view::npos)
    text += fmt::format(" ({})", text_of(lines[1]));
  return text;
}

// A failed connection has no code, only libpq's words, the last line of which are a guess.
std::string explain_no_connection(std::string_view message) {
  struct Hint {
    std::string_view sign;
    std::string_view way_out;
  };
  static constexpr auto kHints = std::to_array<Hint>({
      {"password authentication failed",
       "the password was refused; the right one belongs into ~/.pgpass or PGPASSWORD"},
      {"no password supplied", "put the password into ~/.pgpass or PGPASSWORD"},
      {"does not exist",
       "make it first: createuser USER; createdb --encoding UTF8 --owner USER "
       "DATABASE"},
      {"Connection refused", "no server listens there"},
      {"No such file or directory", "no server listens there"},
      {"timeout expired", "the server does not answer"},
      {"too many clients", "the server has no connection left; try again"},
      {"no pg_hba.conf entry", "the server's pg_hba.conf does not let this user in from here"},
  });
  const std::size_t first = message.find('\n');
  const std::string_view said =
      first == std::string_view::npos ? message : message.substr(first + 1);
  std::string text = quoted(said.substr(0, said.find('\n')));
  for (const Hint& hint : kHints)
    if (said.find(hint.sign) != std::string_view::npos)
      return fmt::format("{}; {}", text, hint.way_out);
  return text;
}

std::string advice(std::string_view code) {
  struct Row {
    std::string_view code;  // or the beginning of one: a class
    std::string_view text;
  };
  static constexpr auto kRows = std::to_array<Row>({
      {"25006", "the server takes no changes: it is a standby, or set to read only"},
      {"40",
       "another program was in the way, or the server is a standby that had to go on; try "
       "again"},
      {"42501", "this user may not do it; the user who owns the catalog's tables may"},
      {"53100", "the disk of the database server is full"},
      {"53200", "the database server is out of memory"},
      {"53300", "the server has no connection left; try again"},
      {"57014", "the server broke it off: statement_timeout, or an administrator"},
      {"57P", "the server is shutting down or starting; try again"},
      {"58", "the database server cannot read or write its files; see its log"},
      {"XX001", "the database is damaged; see the server's log, and restore it from a copy"},
      {"XX002", "an index of the database is damaged; see the server's log, and REINDEX"},
  });
  for (const Row& row : kRows)
    if (code.starts_with(row.code)) return std::string(row.text);
  if (code == "55P03")
    return fmt::format("another program has kept it locked for {} seconds; try again",
                       kBusySeconds);
  return {};
}

class PostgresqlEngine : public Engine {
 public:
  explicit PostgresqlEngine(std::string uri) : uri_(std::move(uri)) {}

  void open(soci::session& session, Access access) override {
    session.open(soci::postgresql, uri_);
    const char* const encoding = PQparameterStatus(connection(session), "server_encoding");
    if (encoding == nullptr || std::string_view(encoding) != "UTF8")
      throw base::Error(
          "the database's encoding is {}, not UTF8; make one with createdb --encoding UTF8",
          encoding == nullptr ? "unknown" : encoding);
    session << fmt::format(
        "SET client_min_messages = warning; SET lock_timeout = '{}s'{}", kBusySeconds,
        access == Access::kRead ? "; SET default_transaction_read_only = on" : "");
  }

  void make_concurrent(soci::session&) override {}  // it always is

  void begin(soci::session& session, Access access) override {
    if (access == Access::kRead) {
      session << "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
      return;
    }
    // Not REPEATABLE READ: its state would be that from before the wait for the lock. As the other
    // writers are kept out, this sees one state all the same.
    session << "BEGIN ISOLATION LEVEL READ COMMITTED";
    session << fmt::format("SELECT pg_advisory_xact_lock({})", kWriterLock);
  }

  std::string_view table_names() const override {
    return "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()";
  }

  // Text is ordered by its bytes and LIKE is blind to case, as both are in SQLite.
  std::string translate(std::string_view schema) const override {
    std::string text(schema);
    text = replace_all(std::move(text), "{identity}",
                       "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY");
    text = replace_all(std::move(text), "{clustered}", "");
    text = replace_all(std::move(text), " TEXT", " TEXT COLLATE \"C\"");
    return replace_all(std::move(text), " LIKE ", " ILIKE ");
  }

  void read(soci::session& session, const std::string& select,
            const std::function<void(const Row&)>& handle) override {
    copy_out(connection(session), select, handle);
  }

  std::unique_ptr<RowWriter> write(soci::session& session, const Table& table) override {
    return copy_in(connection(session), table);
  }

  std::string_view columns() const override {
    return "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c "
           "JOIN pg_tables t ON t.schemaname = c.table_schema AND t.tablename = c.table_name "
           "WHERE c.table_schema = current_schema() ORDER BY c.table_name, c.ordinal_position";
  }
  std::string_view references() const override {
    return "SELECT c.relname, other.relname FROM pg_constraint f "
           "JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class other ON other.oid = f.confrelid "
           "WHERE f.contype = 'f' AND c.relnamespace = current_schema()::regnamespace";
  }
  std::string_view last_ids() const override {
    return "SELECT c.table_name, s.last_value FROM information_schema.columns c "
           "JOIN pg_sequences s ON s.schemaname = c.table_schema "
           "AND s.sequencename = c.table_name || '_' || c.column_name || '_seq' "
           "WHERE c.table_schema = current_schema() AND c.is_identity = 'YES' "
           "AND s.last_value IS NOT NULL";
  }
  void set_last_id(soci::session& session, const std::string& table, std::int64_t id) override {
    session << fmt::format("SELECT setval(pg_get_serial_sequence('{}', 'id'), {})", table, id);
  }

  std::string explain(soci::session& session, const soci::soci_error& error) const override {
    if (session.get_backend() == nullptr) return explain_no_connection(error.get_error_message());
    const auto* const known = dynamic_cast<const soci::postgresql_soci_error*>(&error);
    std::string hint = known == nullptr ? std::string() : advice(known->sqlstate());
    if (!hint.empty()) return hint;
    if (PQstatus(connection(session)) == CONNECTION_BAD)
      return "the connection to the server was lost; try again";
    return plain_message(error.get_error_message());
  }

 private:
  static PGconn* connection(soci::session& session) {
    return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
  }

  std::string uri_;
};

}  // namespace

std::unique_ptr<Engine> make_postgresql_engine(std::string uri) {
  return std::make_unique<PostgresqlEngine>(std::move(uri));
}

}  // namespace mirrorway::catalog
