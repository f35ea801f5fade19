// A snapshot file in memory.
#pragma once

#include <string>
#include <string_view>

#include "common/snapshot/file.h"

namespace mirrorway::tests {

inline std::string encode_file(const proto::Snapshot& snapshot) {
  std::string file;
  snapshot::FileEncoder(snapshot).write([&](std::string_view piece) { file.append(piece); });
  return file;
}

}  // namespace mirrorway::tests
