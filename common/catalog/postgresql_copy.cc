#include "common/catalog/postgresql_copy.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "common/catalog/stored.h"

namespace mirrorway::catalog {
namespace {

using ResultPtr = std::unique_ptr<PGresult, decltype(&PQclear)>;

[[noreturn]] void fail(PGconn* connection, const PGresult* result) {
  const char* const code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const message = PQresultErrorMessage(result);
  throw soci::postgresql_soci_error(
      message != nullptr && *message != '\0' ? message : PQerrorMessage(connection),
      code == nullptr ? "     " : code);
}

// A line of COPY's text format: columns parted by tabs, \N for NULL, and what would be mistaken
// written with a backslash.
class CopiedRow : public Row {
 public:
  void parse(char* line, std::size_t size) {
    fields_.clear();
    char* const end = line + size;
    for (char* begin = line;; ++begin) {
      char* out = begin;
      char* at = begin;
      bool is_null = false;
      for (; at != end && *at != '\t'; ++at) {
        if (*at != '\\') {
          *out++ = *at;
        } else if (*++at == 'N') {
          is_null = true;
        } else {
          *out++ = unescaped(*at);
        }
      }
      if (is_null)
        fields_.emplace_back();
      else
        fields_.emplace_back(std::string_view(begin, static_cast<std::size_t>(out - begin)));
      if (at == end) return;
      begin = at;
    }
  }

  bool is_null(int column) const override { return !field(column); }
  std::int64_t integer(int column) const override {
    return number<std::int64_t>(column, "a whole number");
  }
  double real(int column) const override { return number<double>(column, "a number"); }
  std::string_view text(int column) const override { return field(column).value_or(""); }

 private:
  static char unescaped(char letter) {
    switch (letter) {
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'v':
        return '\v';
      default:
        return letter;
    }
  }

  const std::optional<std::string_view>& field(int column) const {
    return fields_.at(static_cast<std::size_t>(column));
  }

  template <typename T>
  T number(int column, std::string_view expected) const {
    const std::string_view digits = text(column);
    T value{};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size())
      throw_damaged(digits, expected);
    return value;
  }

  std::vector<std::optional<std::string_view>> fields_;
};

// While it lives the server sends rows or awaits them. One that ends early gives them up.
class Copy {
 public:
  Copy(PGconn* connection, const std::string& sql, ExecStatusType expected)
      : connection_(connection) {
    const ResultPtr result{PQexec(connection, sql.c_str()), PQclear};
    if (PQresultStatus(result.get()) != expected) fail(connection, result.get());
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  ~Copy() {
    if (is_ended_) return;
    PQputCopyEnd(connection_, "given up");  // fails unless it is the server that awaits
    PGcancel* const cancel = PQgetCancel(connection_);
    std::array<char, 256> ignored{};
    PQcancel(cancel, ignored.data(), static_cast<int>(ignored.size()));
    PQfreeCancel(cancel);
    while (PGresult* const result = PQgetResult(connection_)) {
      const bool is_copying = PQresultStatus(result) == PGRES_COPY_OUT;
      PQclear(result);
      if (is_copying) drain();
    }
  }

  // Throws unless the server is content with the whole.
  void end() {
    is_ended_ = true;
    while (PGresult* const raw = PQgetResult(connection_)) {
      const ResultPtr result{raw, PQclear};
      if (PQresultStatus(raw) != PGRES_COMMAND_OK) fail(connection_, raw);
    }
    if (PQstatus(connection_) != CONNECTION_OK) fail(connection_, nullptr);
  }

 private:
  void drain() {
    char* line = nullptr;
    while (PQgetCopyData(connection_, &line, 0) > 0) PQfreemem(line);
  }

  PGconn* connection_;
  bool is_ended_ = false;
};

class CopyWriter : public RowWriter {
 public:
  CopyWriter(PGconn* connection, const std::string& sql)
      : connection_(connection), copy_(connection, sql, PGRES_COPY_IN) {}

  void null() override { begin_value() += "\\N"; }
  void integer(std::int64_t value) override { begin_value() += std::to_string(value); }
  void real(double value) override { begin_value() += fmt::format("{}", value); }
  void text(std::string_view value) override {
    std::string& line = begin_value();
    for (const char letter : value) {
      if (letter == '\\' || letter == '\t' || letter == '\n' || letter == '\r') {
        line += '\\';
        line += letter == '\t' ? 't' : letter == '\n' ? 'n' : letter == '\r' ? 'r' : letter;
      } else {
        line += letter;
      }
    }
  }
  void end_row() override {
    rows_ += '\n';
    is_first_ = true;
    constexpr std::size_t kEnough = 256 << 10;
    if (rows_.size() >= kEnough) flush();
  }
  void finish() override {
    flush();
    if (PQputCopyEnd(connection_, nullptr) != 1) fail(connection_, nullptr);
    copy_.end();
  }

 private:
  std::string& begin_value() {
    if (!std::exchange(is_first_, false)) rows_ += '\t';
    return rows_;
  }

  void flush() {
    if (PQputCopyData(connection_, rows_.data(), static_cast<int>(rows_.size())) != 1)
      fail(connection_, nullptr);
    rows_.clear();
  }

  PGconn* connection_;
  Copy copy_;
  std::string rows_;
  bool is_first_ = true;
};

}  // namespace

void copy_out(PGconn* connection, const std::string& select,
              const std::function<void(const Row&)>& handle) {
  Copy copy(connection, "COPY (" + select + ") TO STDOUT", PGRES_COPY_OUT);
  CopiedRow row;
  char* line = nullptr;
  for (int size = PQgetCopyData(connection, &line, 0); size > 0;
       size = PQgetCopyData(connection, &line, 0)) {
    const std::unique_ptr<char, decltype(&PQfreemem)> owned{line, PQfreemem};
    row.parse(line, static_cast<std::size_t>(size) - 1);  // without the line feed
    handle(row);
  }
  copy.end();
}

std::unique_ptr<RowWriter> copy_in(PGconn* connection, const Table& table) {
  std::string names;
  for (const Column& column : table.columns) names += (names.empty() ? "" : ", ") + column.name;
  return std::make_unique<CopyWriter>(connection,
                                      fmt::format("COPY {} ({}) FROM STDIN", table.name, names));
}

}  // namespace mirrorway::catalog
