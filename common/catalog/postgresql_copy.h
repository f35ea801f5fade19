// PostgreSQL's COPY: many rows in either direction without holding them in memory. Private to this
// library.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/catalog/engine.h"

namespace mirrorway::catalog {

// Calls `handle` for every row of a query without parameters. Throws soci::postgresql_soci_error.
void copy_out(PGconn* connection, const std::string& select,
              const std::function<void(const Row&)>& handle);

// The other way.
std::unique_ptr<RowWriter> copy_in(PGconn* connection, const Table& table);

}  // namespace mirrorway::catalog
