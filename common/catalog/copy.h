// Moving a catalog from one database to another, whatever their kinds.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mirrorway::catalog {

struct CopiedTable {
  std::string name;
  std::uint64_t rows = 0;
  std::uint64_t checksum = 0;  // of the rows in any order; the same in all kinds of database
};

struct CopyProgress {
  std::string_view table;
  std::uint64_t rows = 0;  // of all tables, so far
  std::uint64_t total = 0;
  bool is_verifying = false;  // reading the copy; counts from 0 again
};

// Copies every row with its id, and which ids were used already. One read transaction there, one
// write transaction here; `to` is made where there is none, and must hold nothing. The copy is read
// back and compared before it is committed. Throws base::Error.
std::vector<CopiedTable> copy_catalog(
    std::string_view from, std::string_view to,
    const std::function<void(const CopyProgress&)>& progress = [](const CopyProgress&) {});

}  // namespace mirrorway::catalog
