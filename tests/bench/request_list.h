// What the measuring tools read: lists of requests, and numbers on their command lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"
#include "common/base/file.h"
#include "common/base/text.h"

namespace mirrorway::bench {

struct RequestLine {
  std::string target;
  std::string client;  // an address
};

// Lines "TARGET<TAB>CLIENT". Throws base::Error when there is none.
inline std::vector<RequestLine> read_request_list(const std::string& path) {
  constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;
  const std::string text = base::read_file(path, kMaxBytes);
  std::vector<RequestLine> lines;
  for (const std::string_view line : base::split(text, '\n')) {
    const std::size_t tab = line.find('\t');
    if (tab != std::string_view::npos)
      lines.push_back({std::string(line.substr(0, tab)), std::string(line.substr(tab + 1))});
  }
  if (lines.empty()) throw base::Error("{}: no requests", path);
  return lines;
}

// Throws base::Error.
inline std::uint32_t parse_count(std::string_view text) {
  const auto number = base::parse_number(text, UINT32_MAX);
  if (!number) throw base::Error("\"{}\" is no number", text);
  return static_cast<std::uint32_t>(*number);
}

}  // namespace mirrorway::bench
