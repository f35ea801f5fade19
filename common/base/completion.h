// Completion of a program's command line in bash, from what it declared for --help.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mirrorway::base {

// What may stand where the help says NOUN, for example.
using CompletionWords = std::map<std::string, std::vector<std::string>, std::less<>>;

// A script to be sourced. Completed are commands, flags, files (where the help says FILE, PATH or
// PROGRAM), a|b, the words of `words`, and what CLI::IsMember allows.
std::string format_bash_completion(const CLI::App& app, const CompletionWords& words);

}  // namespace mirrorway::base
