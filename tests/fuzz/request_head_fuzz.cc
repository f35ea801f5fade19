// HTTP requests come from anyone.

#include <cstdint>
#include <string_view>
#include <variant>

#include "common/base/error.h"
#include "common/http/request_head.h"

using namespace mirrorway::http;

namespace {

bool is_inside(std::string_view part, std::string_view whole) {
  if (part.empty()) return true;  // of nothing, wherever it is
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse_head(bytes);
  if (std::holds_alternative<Incomplete>(parsed)) {
    constexpr std::size_t kALittle = 1024;
    MIRRORWAY_ASSERT(size <= kMaxTargetBytes + kMaxHeaderBytes + kALittle);
  } else if (const auto* problem = std::get_if<Problem>(&parsed)) {
    MIRRORWAY_ASSERT(problem->status >= 400 && problem->status <= 505);
    MIRRORWAY_ASSERT(problem->text.find_first_of("\r\n") == std::string::npos);
  } else {
    const auto& head = std::get<RequestHead>(parsed);
    MIRRORWAY_ASSERT(head.head_bytes > 0 && head.head_bytes <= size);
    const std::string_view whole = bytes.substr(0, head.head_bytes);
    MIRRORWAY_ASSERT(is_inside(head.method, whole) && is_inside(head.target, whole));
    for (const std::string_view value : head.forwarded) MIRRORWAY_ASSERT(is_inside(value, whole));
    // Nothing that a proxy might take for the end of a line, or of the head, is inside it.
    for (std::size_t at = whole.find('\n'); at != std::string_view::npos;
         at = whole.find('\n', at + 1))
      MIRRORWAY_ASSERT(at > 0 && whole[at - 1] == '\r');
    MIRRORWAY_ASSERT(whole.ends_with("\r\n\r\n"));
    MIRRORWAY_ASSERT(whole.find('\0') == std::string_view::npos);
    // It is read the same however it arrives, and never taken for whole too early.
    for (const std::size_t cut : {head.head_bytes / 2, head.head_bytes - 1})
      MIRRORWAY_ASSERT(std::holds_alternative<Incomplete>(parse_head(whole.substr(0, cut))));
    // What follows a head changes nothing about it.
    MIRRORWAY_ASSERT(std::holds_alternative<RequestHead>(parse_head(whole)));
  }
  return 0;
}
