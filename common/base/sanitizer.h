// Whether this is a build with AddressSanitizer, which maps, opens and reads more than the program
// does.
#pragma once

#if defined(__SANITIZE_ADDRESS__)  // as gcc says it
#define MIRRORWAY_HAS_SANITIZER 1
#elif defined(__has_feature)  // as clang does
#if __has_feature(address_sanitizer)
#define MIRRORWAY_HAS_SANITIZER 1
#endif
#endif
