#include "common/base/error.h"

#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace mirrorway::base {

std::string IoError::describe(int code) {
  return std::generic_category().message(code);
}

void assertion_failed(const char* condition, const char* file, int line) {
  (void)std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
  std::abort();
}

}  // namespace mirrorway::base
