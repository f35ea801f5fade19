#include "common/geo/database.h"

namespace mirrorway::geo {

GeoDatabase GeoDatabase::load(std::span<const std::string> paths) {
  GeoDatabase database;
  for (const std::string& path : paths) database.files_.push_back(GeoFile::load(path));
  return database;
}

GeoAnswer GeoDatabase::find(const net::Address& address) const {
  GeoAnswer answer;
  for (const GeoFile& file : files_) file.complete(answer, address);
  return answer;
}

}  // namespace mirrorway::geo
