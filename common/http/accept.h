// Content negotiation (RFC 9110, 12.5.1), as far as it does good here.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "proto/lookup.pb.h"

namespace mirrorway::http {

struct Offer {
  std::string_view media;  // lower case
  proto::Form form;
};

// The offer that the client names with the highest quality, of equals the one it names first.
// Ranges such as text/* name nothing: package managers send them, and are to get what they always
// got. `accept` are the values of all Accept headers; what is malformed in them is passed over.
std::optional<proto::Form> negotiate(std::span<const std::string_view> accept,
                                     std::span<const Offer> offers);

}  // namespace mirrorway::http
