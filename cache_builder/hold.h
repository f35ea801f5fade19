// FILE.hold beside the snapshot keeps builds from replacing it. Its text says why.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace mirrorway::cache_builder {

// The text, made fit for one line, when there is a hold.
std::optional<std::string> find_hold(const std::filesystem::path& output);

// Replaces the text of an older hold. Throws base::IoError.
void hold(const std::filesystem::path& output, std::string_view reason);

// Returns whether there was a hold. Throws base::IoError.
bool release(const std::filesystem::path& output);

}  // namespace mirrorway::cache_builder
