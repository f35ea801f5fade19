// What a request names in the image, or what is like it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/parsed.h"
#include "common/snapshot/image.h"
#include "proto/lookup.pb.h"

namespace mirrorway::answer {

struct Target {
  // One; or, where the client fills in its architecture itself, that of every architecture.
  std::vector<snapshot::DirectoryIndex> directories;
  std::string file;  // empty: the directory itself
  // What follows a host's base URL, encoded: "/os/12/x86_64/". A directory's ends with a slash.
  std::string tail;
};

// The target in the single directory, or the file in it.
Target make_target(const snapshot::Image& image, snapshot::DirectoryIndex directory,
                   std::string file);

// What the snapshot knows of the target's file; null when nothing.
const snapshot::FileRecord* find_file(const snapshot::Image& image, const Target& target);

// A disabled repository is found, and says so.
struct Disabled {};

// At most kMaxCloseMatches, closest first, each as it would be asked for: "repo=R&arch=A" or a
// path.
struct NotFound {
  std::vector<std::string> close_matches;
};
inline constexpr std::size_t kMaxCloseMatches = 10;

// How the comment line names what was asked for: the repository at the end of its redirects and
// its architecture ("source" for every repository with "source" in its name), or the path without
// superfluous slashes.
struct Subject {
  std::string repository;
  std::string architecture;
  std::string path;
};

// Refuses a path that net::parse_path refuses, names that no snapshot could hold (they would end up
// in the comment line), and a request that names nothing.
base::Parsed<Subject> subject_of(const snapshot::Image& image, const proto::LookupRequest& request);

std::variant<Target, Disabled, NotFound> find_target(const snapshot::Image& image,
                                                     const Subject& subject);

}  // namespace mirrorway::answer
