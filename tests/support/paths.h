// Where the tests' files are.
#pragma once

#include <string>

namespace mirrorway::tests {

// `path` is below the project's folder.
std::string in_source(const std::string& path);
// `path` is below the build folder.
std::string in_build(const std::string& path);

}  // namespace mirrorway::tests
