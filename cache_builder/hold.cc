#include "cache_builder/hold.h"

#include <unistd.h>

#include <cerrno>

#include "common/base/error.h"
#include "common/base/file.h"
#include "common/base/text.h"

namespace mirrorway::cache_builder {
namespace {

std::filesystem::path hold_file(const std::filesystem::path& output) {
  return output.string() + ".hold";
}

}  // namespace

std::optional<std::string> find_hold(const std::filesystem::path& output) {
  constexpr std::size_t kMaxBytes = 1 << 16;
  try {
    const std::string text = base::read_file(hold_file(output), kMaxBytes);
    const std::string_view reason = base::trim(text);
    return reason.empty() ? "no reason given" : base::printable(reason);
  } catch (const base::IoError& error) {
    if (error.code() == ENOENT) return std::nullopt;
    return error.what();  // in doubt there is one
  } catch (const base::Error& error) {
    return error.what();
  }
}

void hold(const std::filesystem::path& output, std::string_view reason) {
  base::publish_file(hold_file(output), std::string(reason) + '\n');
}

bool release(const std::filesystem::path& output) {
  const std::filesystem::path file = hold_file(output);
  if (::unlink(file.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  throw base::IoError(errno, "removing {}", file.string());
}

}  // namespace mirrorway::cache_builder
