// What forms and tiers are called where people and programs read of them: headers, logs, metrics.
#pragma once

#include <string_view>

#include "proto/lookup.pb.h"

namespace mirrorway::http {

// "mirrorlist", "metalink", …; empty for what is no form.
std::string_view form_name(proto::Form form);

// "netblock", "asn", …; empty for none and for what is no tier.
std::string_view tier_name(proto::Tier tier);

}  // namespace mirrorway::http
