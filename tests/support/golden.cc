#include "tests/support/golden.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "tests/support/paths.h"

namespace mirrorway::tests {

void check_golden(const std::string& folder, const std::string& name, std::string_view text) {
  const auto path = std::filesystem::path(in_source(folder)) / name;
  if (std::getenv("MIRRORWAY_WRITE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    WARN("written: " << path);
    return;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string expected((std::istreambuf_iterator<char>(file)),
                             std::istreambuf_iterator<char>());
  CAPTURE(path);
  CHECK(std::string(text) == expected);
}

}  // namespace mirrorway::tests
