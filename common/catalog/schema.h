// The catalog's tables and the numbered migrations that lead to them. What each table is for:
// DESIGN.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace mirrorway::catalog {

class Database;

// Unix seconds now.
using Clock = std::function<std::int64_t()>;
std::int64_t system_clock_seconds();

inline constexpr std::int64_t kSchemaVersion = 3;

enum class InitResult { kCreated, kUpgraded, kAlreadyCurrent };

// Makes a catalog, or brings an older one to kSchemaVersion, one transaction per migration. Throws
// base::Error: a newer schema, a database that belongs to another program, no access.
InitResult init_catalog(std::string_view url, const Clock& clock = system_clock_seconds);

// Throws base::Error unless the connection is to a catalog of kSchemaVersion.
void require_current_schema(Database& database);

}  // namespace mirrorway::catalog
