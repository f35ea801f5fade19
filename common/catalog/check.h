// What the tables cannot say of a row in SQL. Throws base::Error that names the row. Private to
// this library.
#pragma once

#include "common/catalog/records.h"

namespace mirrorway::catalog {

void check(const Site& site);
void check(const Host& host);
void check(const Category& category);
void check(const Carriage& carriage);
void check(const Directory& directory);
void check(const Repository& repository);
void check(const Redirect& redirect);
void check(const FileDetail& version);

}  // namespace mirrorway::catalog
