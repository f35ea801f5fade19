// One MaxMind DB file, whatever the shape of its records.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/geo/answer.h"
#include "common/net/address.h"

struct MMDB_s;

namespace mirrorway::geo {

struct Field;

class GeoFile {
 public:
  // Copies, verifies and opens the file; replacing or overwriting it later does not affect this
  // object. Throws base::Error with the path and the reason.
  static GeoFile load(const std::string& path);

  // Fills in what `answer` lacks and the file knows. An address of the other family, or one that
  // the file says nothing about, leaves it as it is. Does not block, allocate or throw; safe after
  // fork (the mapping is shared and never written).
  void complete(GeoAnswer& answer, const net::Address& address) const;

  const std::string& path() const { return path_; }
  // For the log: "GeoLite2-City", as the file says, and when it was built (Unix seconds).
  std::string_view database_type() const;
  std::uint64_t build_epoch() const { return build_epoch_; }
  bool has_countries() const { return !countries_.empty(); }
  bool has_asns() const { return !asns_.empty(); }
  bool has_coordinates() const { return !cities_.empty() && !latitudes_.empty(); }

 private:
  struct Closer {
    void operator()(MMDB_s* handle) const;
  };
  // Where in a record a datum may be, in order of preference; only what occurs in this file.
  using Paths = std::vector<const Field*>;

  GeoFile() = default;

  std::string path_;
  std::unique_ptr<MMDB_s, Closer> handle_;
  std::uint64_t build_epoch_ = 0;
  bool is_ipv4_only_ = false;
  Paths countries_;
  Paths asns_;
  Paths cities_;
  Paths latitudes_;
  Paths longitudes_;  // pairwise with the latitudes
  Paths radii_;
};

}  // namespace mirrorway::geo
