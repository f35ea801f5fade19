// What changed of one host, for diff.
#pragma once

#include <string>
#include <vector>

#include "cache_builder/diff.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::cache_builder {

// "mirror1 (Example)": two sites may have hosts of one name.
std::string host_name(const proto::Host& host);

// Each host with the snapshot that it is of; both have passed validate(). Empty when nothing that
// is known of it changed.
std::vector<Detail> compare_host(const proto::Snapshot& before, const proto::Host& old,
                                 const proto::Snapshot& after, const proto::Host& now);

}  // namespace mirrorway::cache_builder
