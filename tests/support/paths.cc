#include "tests/support/paths.h"

namespace mirrorway::tests {

std::string in_source(const std::string& path) {
  return std::string(MIRRORWAY_SOURCE_DIR "/") + path;
}

std::string in_build(const std::string& path) {
  return std::string(MIRRORWAY_BINARY_DIR "/") + path;
}

}  // namespace mirrorway::tests
