// Expected texts in files: tests/unit/…/golden/NAME holds what the case NAME gives, byte for byte.
// MIRRORWAY_WRITE_GOLDEN=1 writes the files instead of comparing; what changed in them is then
// reviewed like code.
#pragma once

#include <string>
#include <string_view>

namespace mirrorway::tests {

// Compares within a Catch2 test. `folder` is below the source tree.
void check_golden(const std::string& folder, const std::string& name, std::string_view text);

}  // namespace mirrorway::tests
