// What forms and tiers are called where people and programs read of them: headers, logs, metrics,
// JSON.
#pragma once

#include <array>
#include <string_view>

#include "proto/lookup.pb.h"

namespace mirrorway::proto {

// "mirrorlist", "metalink", …; empty for what is no form.
inline std::string_view form_name(Form form) {
  constexpr std::array<std::string_view, Form_ARRAYSIZE> kInOrder{
      "mirrorlist", "redirect", "metalink", "meta4", "json",   "html",
      "pacman",     "apt",      "md5",      "sha1",  "sha256", "sha512"};
  return Form_IsValid(form) ? kInOrder[static_cast<std::size_t>(form)] : "";
}

// "netblock", "asn", …; empty for none and for what is no tier.
inline std::string_view tier_name(Tier tier) {
  constexpr std::array<std::string_view, Tier_ARRAYSIZE> kInOrder{
      "", "netblock", "asn", "research", "country", "continent", "global"};
  return Tier_IsValid(tier) ? kInOrder[static_cast<std::size_t>(tier)] : "";
}

}  // namespace mirrorway::proto
