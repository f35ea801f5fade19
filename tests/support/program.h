// Runs one of our programs to its end, as a user does.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/paths.h"

namespace mirrorway::tests {

struct Outcome {
  int status;          // as the shell sees it
  std::string output;  // stdout, then whatever of stderr came in between
};

// `path` is below the build folder. Words may hold anything but a single quotation mark.
inline Outcome run_program(const std::string& path, const std::vector<std::string>& words) {
  std::string command = "'" + in_build(path) + "'";
  for (const std::string& word : words) command += " '" + word + "'";
  // The words are the test's own.
  std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");  // NOLINT(cert-env33-c)
  if (pipe == nullptr) throw std::runtime_error("popen: " + command);
  Outcome outcome{};
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.output.append(buffer.data(), got);
  outcome.status = WEXITSTATUS(::pclose(pipe));
  return outcome;
}

}  // namespace mirrorway::tests
