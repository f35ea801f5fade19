// Which form an answer takes, and what it is of: not always what the request says first.
#pragma once

#include <optional>
#include <string>

#include "common/answer/directory.h"
#include "common/snapshot/image.h"
#include "proto/lookup.pb.h"

namespace mirrorway::answer {

struct Plan {
  proto::Form form;
  Target target;
};

// A repository's metalink is of its repomd.xml. A file asked for by its own URL is redirected to
// where there is no better answer: a metalink of a directory, a digest nobody knows, or a file
// whose own name ends in ".sha256". `target` is that of `subject`. nullopt: a metalink was asked
// for, and there is none.
std::optional<Plan> plan_answer(const snapshot::Image& image, const proto::LookupRequest& request,
                                const Subject& subject, const Target& target);

// One line, for when there is no plan.
std::string missing_metalink(const snapshot::Image& image, const Subject& subject,
                             const Target& target);

}  // namespace mirrorway::answer
