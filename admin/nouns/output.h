// Rows for people and for programs, from the same values.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mirrorway::admin {

using Json = nlohmann::ordered_json;  // keeps the order of keys

// As in a table: yes and no for truth, lists with commas, nothing for null.
std::string plain(const Json& value);

// A header line and one line per row, columns aligned; numbers to the right. Each row is an object
// that has all `columns`.
std::string format_table(const std::vector<std::string>& columns, const std::vector<Json>& rows);

// One "key  value" line per member.
std::string format_record(const Json& row);

// With a final line feed. Bytes that are no UTF-8 are replaced.
std::string format_json(const Json& value);

}  // namespace mirrorway::admin
