#include "common/http/names.h"

#include <array>

namespace mirrorway::http {
namespace {

// In the order of proto::Form and proto::Tier.
constexpr std::array<std::string_view, proto::Form_ARRAYSIZE> kForms{
    "mirrorlist", "redirect", "metalink", "meta4", "json",   "html",
    "pacman",     "apt",      "md5",      "sha1",  "sha256", "sha512"};
constexpr std::array<std::string_view, proto::Tier_ARRAYSIZE> kTiers{
    "", "netblock", "asn", "research", "country", "continent", "global"};

}  // namespace

std::string_view form_name(proto::Form form) {
  return proto::Form_IsValid(form) ? kForms[static_cast<std::size_t>(form)] : "";
}

std::string_view tier_name(proto::Tier tier) {
  return proto::Tier_IsValid(tier) ? kTiers[static_cast<std::size_t>(tier)] : "";
}

}  // namespace mirrorway::http
