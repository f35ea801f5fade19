#include "common/metrics/memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "common/base/fd.h"
#include "common/base/text.h"

namespace mirrorway::metrics {
namespace {

// "Pss:     1234 kB"
std::optional<std::uint64_t> read_pss(std::string_view text) {
  constexpr std::string_view kName = "\nPss:";
  constexpr std::uint64_t kMost = UINT64_MAX >> 10U;
  const std::size_t start = text.find(kName);
  if (start == std::string_view::npos) return std::nullopt;
  text.remove_prefix(start + kName.size());
  const auto kilobytes = base::parse_number(base::trim(text.substr(0, text.find('k'))), kMost);
  if (!kilobytes) return std::nullopt;
  return *kilobytes << 10U;
}

}  // namespace

std::optional<std::uint64_t> proportional_bytes(pid_t pid) {
  const std::string path = fmt::format("/proc/{}/smaps_rollup", pid);
  const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::array<char, 4096> buffer;  // the kernel writes it in one piece of less than 1 KiB
  const ssize_t length = ::read(file.get(), buffer.data(), buffer.size());
  if (length <= 0) return std::nullopt;
  return read_pss({buffer.data(), static_cast<std::size_t>(length)});
}

Memory measure_memory(std::span<const pid_t> pids) {
  Memory memory;
  for (const pid_t pid : pids) {
    if (const auto bytes = proportional_bytes(pid)) {
      memory.bytes += *bytes;
      ++memory.measured;
    } else if (::access(fmt::format("/proc/{}", pid).c_str(), F_OK) == 0) {
      ++memory.unmeasured;
    }
  }
  return memory;
}

}  // namespace mirrorway::metrics
