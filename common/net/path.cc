#include "common/net/path.h"

#include <algorithm>

#include "common/base/text.h"

namespace mirrorway::net {

base::Parsed<std::string> parse_path(std::string_view text) {
  if (text.size() > kMaxPathBytes)
    return base::refuse("path of {} bytes; at most {} are allowed", text.size(), kMaxPathBytes);
  if (!base::is_one_line(text))
    return base::refuse("path \"{}\" has control characters or is no UTF-8", base::printable(text));
  std::string path;
  path.reserve(text.size());
  for (const std::string_view segment : base::split(text, '/')) {
    if (segment.empty()) continue;
    if (segment == "." || segment == "..")
      return base::refuse("path \"{}\" has a segment \"{}\"", base::printable(text), segment);
    if (!path.empty()) path += '/';
    path += segment;
  }
  return path;
}

bool is_path(std::string_view text) {
  if (text.empty()) return true;
  if (text.size() > kMaxPathBytes || !base::is_one_line(text)) return false;
  while (true) {
    const std::size_t end = std::min(text.find('/'), text.size());
    const std::string_view segment = text.substr(0, end);
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

bool is_at_or_below(std::string_view path, std::string_view top) {
  if (top.empty() || path == top) return true;
  return path.size() > top.size() && path.substr(0, top.size()) == top && path[top.size()] == '/';
}

}  // namespace mirrorway::net
