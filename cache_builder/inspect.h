// What a snapshot file holds, for people and for programs.
#pragma once

#include <string>
#include <string_view>

namespace mirrorway::cache_builder {

// Both take the bytes of the file and throw base::Error when it is no good snapshot.
std::string inspect_as_text(std::string_view bytes);
// Complete; equal files give equal text. Digests are in hexadecimal.
std::string inspect_as_json(std::string_view bytes);

}  // namespace mirrorway::cache_builder
