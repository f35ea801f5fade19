// The one family of exceptions: what the environment broke (disk, socket, corrupt file, bad
// configuration). Expected outcomes are values, see parsed.h. Caught in main, at a child's entry
// and in the trampolines of C callbacks, nowhere else.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace mirrorway::base {

// The message says what was attempted and names the path, host or line.
class Error : public std::runtime_error {
 public:
  template <typename... Args>
  explicit Error(fmt::format_string<Args...> format, Args&&... args)
      : std::runtime_error(fmt::format(format, std::forward<Args>(args)...)) {}
};

// A system call failed. `code` is its errno; the message ends with the system's text for it.
class IoError : public Error {
 public:
  template <typename... Args>
  explicit IoError(int code, fmt::format_string<Args...> format, Args&&... args)
      : Error("{}: {}", fmt::format(format, std::forward<Args>(args)...), describe(code)),
        code_(code) {}

  int code() const { return code_; }

 private:
  static std::string describe(int code);

  int code_;
};

// For a program that ends with a status of its own.
class StatusError : public Error {
 public:
  template <typename... Args>
  explicit StatusError(int status, fmt::format_string<Args...> format, Args&&... args)
      : Error(format, std::forward<Args>(args)...), status_(status) {}

  int status() const { return status_; }

 private:
  int status_;
};

// Bad command line or configuration: programs exit with 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

// For what only a mistake in this program can break. Prints file and line and aborts; input, disk
// and network never lead here.
#define MIRRORWAY_ASSERT(condition) \
  ((condition) ? void() : ::mirrorway::base::assertion_failed(#condition))

// The defaults are where it is called.
[[noreturn]] void assertion_failed(const char* condition, const char* file = __builtin_FILE(),
                                   int line = __builtin_LINE());

}  // namespace mirrorway::base
