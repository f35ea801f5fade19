#define CATCH_CONFIG_MAIN
#include <cstdlib>

#include <catch2/catch.hpp>

namespace {

// Whatever this machine's own configuration says, programs under test and their children do not
// read it.
[[maybe_unused]] const int isolated = ::setenv("MIRRORWAY_CONFIG", "none", 1);

}  // namespace
