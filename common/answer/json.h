// The ranked list for programs, and the explanation of every host's fate.
#pragma once

#include <string>

#include "common/answer/listing.h"

namespace mirrorway::answer {

// Whose eyes the explanation is for. Others than the operator are told how many private hosts were
// dropped, but not which.
enum class Audience { kPublic, kOperator };

// Members: proto/HTTP.md. With request.explain, the selection's dropped hosts are in it.
std::string format_json(const Listing& listing, Audience audience);

}  // namespace mirrorway::answer
