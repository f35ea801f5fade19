// A program of the system's as a child process that reads a hostile file: it gets little, and what
// it says is believed little.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "common/base/fd.h"

namespace mirrorway::admin {

class ConfinedProgram {
 public:
  // A warning for every entry of a routing table would still be more; who goes past it is ended by
  // SIGXFSZ.
  static constexpr std::size_t kMaxMessageBytes = std::size_t{16} << 20U;

  // Starts `words` (the first a path, or a name to be looked for in PATH) between two descriptors.
  // Throws base::Error.
  ConfinedProgram(const std::vector<std::string>& words, const base::Fd& input,
                  const base::Fd& output);
  ConfinedProgram(const ConfinedProgram&) = delete;
  ConfinedProgram& operator=(const ConfinedProgram&) = delete;
  ~ConfinedProgram();  // ends the child if it still runs

  struct End {
    std::string not_started;  // why; everything else is empty then
    int signal = 0;           // that broke it down
    int status = 0;
    std::string messages;  // what it wrote to stderr, as it came
  };
  // Waits for its end; to be called once.
  End wait();

 private:
  std::string read_messages() const;

  base::Fd messages_;  // a file in memory
  pid_t pid_ = -1;
};

}  // namespace mirrorway::admin
