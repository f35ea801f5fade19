#include "common/catalog/catalog_url.h"

#include <libpq-fe.h>

#include <algorithm>
#include <map>
#include <memory>

#include "common/base/text.h"

namespace mirrorway::catalog {
namespace {

constexpr std::string_view kSqliteForms = "sqlite:///ABSOLUTE/PATH or sqlite:RELATIVE/PATH";
constexpr std::string_view kPostgresqlForms =
    "postgresql://USER@HOST:PORT/DATABASE or postgresql:///DATABASE?host=/SOCKET/FOLDER";

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

base::Parsed<Location> parse_sqlite(std::string_view url, std::string_view path) {
  if (path.substr(0, 3) == "///")
    path.remove_prefix(path.substr(0, 4) == "////" ? 3 : 2);
  else if (path.substr(0, 2) == "//")
    return base::refuse("catalog URL \"{}\" names a machine; write {}", base::printable(url),
                        kSqliteForms);
  // A quotation mark would end the name in the connection string of the database library.
  if (path.empty() || path == "/" || has_control(path) || path.find('"') != std::string_view::npos)
    return base::refuse("catalog URL \"{}\" names no file; write {}", base::printable(url),
                        kSqliteForms);
  return Location{EngineKind::kSqlite, std::string(path), std::string(path)};
}

// By keyword of libpq; only what the URI states.
using Settings = std::map<std::string, std::string>;

base::Parsed<Settings> read_settings(const std::string& url) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{
      PQconninfoParse(url.c_str(), &problem), PQconninfoFree};
  const std::unique_ptr<char, decltype(&PQfreemem)> owned{problem, PQfreemem};
  if (!options) {
    // What libpq quotes after the colon may be the password.
    const std::string_view reason = problem == nullptr ? "out of memory" : problem;
    return base::refuse("catalog URL: {}; write {}",
                        base::printable(base::trim(reason.substr(0, reason.find(": \"")))),
                        kPostgresqlForms);
  }
  Settings settings;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr) settings.emplace(option->keyword, option->val);
  return settings;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                          (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.' || c == '/';
    if (is_plain)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

// SOCI takes a connection string apart at equality signs, blanks and quotation marks before libpq
// sees it; this form comes through it as it is.
std::string uri_of(const Settings& settings) {
  std::string uri = "postgresql:///?";
  for (const auto& [keyword, value] : settings)
    uri += fmt::format("{}{}={}", uri.back() == '?' ? "" : "&", keyword, percent_encoded(value));
  return uri;
}

std::string name_of(const Settings& settings) {
  const auto get = [&](const char* keyword) {
    const auto found = settings.find(keyword);
    return found == settings.end() ? std::string() : base::printable(found->second);
  };
  const std::string host = get("host").empty() ? get("hostaddr") : get("host");
  const std::string user = get("user").empty() ? "" : get("user") + "@";
  const std::string port = get("port").empty() ? "" : ":" + get("port");
  if (host.starts_with('/'))
    return fmt::format("postgresql://{}{}/{}?host={}", user, port, get("dbname"), host);
  return fmt::format("postgresql://{}{}{}/{}", user, host, port, get("dbname"));
}

base::Parsed<Location> parse_postgresql(std::string_view url) {
  if (has_control(url)) return base::refuse("catalog URL holds control characters");
  auto settings = read_settings(std::string(url));
  if (!settings) return settings.refusal();
  std::string name = name_of(*settings);
  // What the URI or the environment does not say otherwise: a server that is gone is noticed.
  Settings all{{"connect_timeout", "10"},     {"keepalives_idle", "30"},
               {"keepalives_interval", "10"}, {"keepalives_count", "3"},
               {"tcp_user_timeout", "60000"}, {"fallback_application_name", "mirrorway"}};
  for (const auto& [keyword, value] : *settings) all[keyword] = value;
  all["client_encoding"] = "UTF8";
  return Location{EngineKind::kPostgresql, uri_of(all), std::move(name)};
}

}  // namespace

base::Parsed<Location> parse_catalog_url(std::string_view url) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (url.starts_with(kSqlite)) return parse_sqlite(url, url.substr(kSqlite.size()));
  if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
    return parse_postgresql(url);
  return base::refuse("catalog URL \"{}\": this version reads {}, {}",
                      base::printable(url.substr(0, url.find(':'))), kSqliteForms,
                      kPostgresqlForms);
}

}  // namespace mirrorway::catalog
