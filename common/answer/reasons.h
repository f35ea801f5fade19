// Why a host is where it is, in words.
#pragma once

#include <string>
#include <string_view>

#include "common/answer/listing.h"
#include "proto/lookup.pb.h"

namespace mirrorway::answer {

// As responses name it.
proto::Tier to_proto(selection::Tier tier);
// "netblock", "asn", "research", "country", "continent", "global".
std::string_view tier_name(selection::Tier tier);

// "same country (DE), within 500 km": why a host was kept.
std::string describe_kept(const Listing& listing, const selection::RankedHost& ranked);

// "not_up_to_date" and the like; stable, for programs.
std::string_view drop_name(selection::Drop reason);
// The same as a sentence's end: "its copy of the directory is not up to date".
std::string_view describe_drop(selection::Drop reason);

}  // namespace mirrorway::answer
