// The files in which cloud providers publish their address ranges: outside bytes. The fields that
// are read: proto/NETWORKS.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/parsed.h"
#include "common/catalog/records.h"

namespace mirrorway::admin {

inline constexpr std::size_t kMaxCloudFileBytes = 64 << 20;

struct CloudTable {
  std::vector<catalog::CloudRange> ranges;  // ascending, each once
  std::vector<std::string> remarks;         // on ranges that were left out
};

// `provider` is one of catalog::kCloudProviders. The reason for refusing a file names the place in
// it.
base::Parsed<CloudTable> parse_cloud_file(std::string_view provider, std::string_view text);

}  // namespace mirrorway::admin
