// SOCI without its support for Boost types. Debian's headers switch it on, yet the package does not
// bring Boost along; only templates that we do not use depend on it, nothing in the library does.
#pragma once

// clang-format off: the order is the point
#include <soci/soci-config.h>
#undef SOCI_HAVE_BOOST
#undef SOCI_HAVE_BOOST_DATE_TIME
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
// clang-format on
