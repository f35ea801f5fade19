// Where a catalog is.
#pragma once

#include <string>
#include <string_view>

#include "common/base/parsed.h"

namespace mirrorway::catalog {

inline constexpr std::string_view kDefaultCatalogUrl = "sqlite:///var/lib/mirrorway/catalog.db";
// For --help.
inline constexpr std::string_view kCatalogUrlForms =
    "sqlite:///ABSOLUTE/PATH, sqlite:PATH or postgresql://USER@HOST/DATABASE";

enum class EngineKind { kSqlite, kPostgresql };

struct Location {
  EngineKind engine;
  // The file; or a libpq URI of one form, which may hold a password and is for libpq only.
  std::string target;
  // For messages: the file; or the URI without its password.
  std::string name;
};

// "sqlite:///PATH" is the absolute path /PATH (four slashes mean the same), "sqlite:PATH" is
// relative to the current folder. "postgresql://…" is what libpq reads: user, host, port, database,
// a Unix socket as ?host=/run/postgresql. Refuses everything else, without naming a password.
base::Parsed<Location> parse_catalog_url(std::string_view url);

}  // namespace mirrorway::catalog
