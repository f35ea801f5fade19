// SHA-256, of libcrypto, and how bytes are written as text.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mirrorway::base {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);

// Lower case.
std::string to_hex(std::string_view bytes);

// With padding, without line breaks (RFC 4648).
std::string to_base64(std::string_view bytes);

// Either case; nullopt for an odd length or another character.
std::optional<std::string> from_hex(std::string_view text);

}  // namespace mirrorway::base
