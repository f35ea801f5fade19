#include "admin/networks/bgpdump.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "admin/networks/routes.h"
#include "common/base/error.h"
#include "common/base/file.h"
#include "common/base/text.h"

namespace mirrorway::admin {
namespace {

constexpr std::chrono::minutes kMaxSilence{2};
constexpr std::string_view kGzip = "\x1F\x8B";
constexpr std::string_view kBzip2 = "BZh";

std::string read_head(const base::Fd& fd, const std::string& file) {
  std::array<char, 12> head{};
  const ssize_t got = ::pread(fd.get(), head.data(), head.size(), 0);
  if (got < 0) throw base::IoError(errno, "reading {}", file);
  return {head.data(), static_cast<std::size_t>(got)};
}

// Reading end, writing end.
std::pair<base::Fd, base::Fd> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw base::IoError(errno, "making a pipe");
  return {base::Fd(ends[0]), base::Fd(ends[1])};
}

// The program that unpacks what starts so; empty where there is nothing to unpack.
std::string unpacker_of(std::string_view head) {
  if (head.starts_with(kGzip)) return "gzip";
  if (head.starts_with(kBzip2)) return "bzip2";
  return {};
}

// What bgpdump complains of. A time and a level stand before its messages; anything else is the
// system's or a crash.
std::string complaint_in(const std::string& messages) {
  for (const std::string_view line : base::split(messages, '\n')) {
    if (line.find("[info]") != std::string_view::npos ||
        line.find("[warn]") != std::string_view::npos || base::trim(line).empty())
      continue;
    const std::size_t level = line.find("[error] ");
    return base::printable(
        base::trim(level == std::string_view::npos ? line : line.substr(level + 8)), 120);
  }
  return {};
}

}  // namespace

bool is_route_dump(const std::string& file) {
  const std::string start = read_head(base::open_regular(file).fd, file);
  // Of an MRT record: time, then type 12 (TABLE_DUMP) or 13 (TABLE_DUMP_V2).
  const bool is_mrt =
      start.size() >= 6 && start[4] == '\0' && (start[5] == '\x0C' || start[5] == '\x0D');
  return is_mrt || !unpacker_of(start).empty();
}

Bgpdump::Bgpdump(const std::string& program, const std::string& file) : file_(file) {
  base::Fd input = base::open_regular(file).fd;
  unpacker_name_ = unpacker_of(read_head(input, file));
  if (!unpacker_name_.empty()) {
    auto [packed_end, unpacked_end] = make_pipe();
    unpacker_.emplace(std::vector<std::string>{unpacker_name_, "-dc"}, input, unpacked_end);
    input = std::move(packed_end);
  }
  auto [reading_end, writing_end] = make_pipe();
  // -m: a line for every entry; -v: messages on stderr instead of the system's log.
  bgpdump_.emplace(std::vector<std::string>{program, "-m", "-v", "-"}, input, writing_end);
  output_ = std::move(reading_end);
  lines_.emplace(output_, file_, kMaxNetworkLineBytes, kMaxSilence);
}

std::optional<std::string_view> Bgpdump::next_line() {
  return lines_->next();
}

void Bgpdump::finish() {
  const ConfinedProgram::End end = bgpdump_->wait();
  if (!end.not_started.empty())
    throw base::Error(
        "{}: bgpdump, which reads routing tables, does not start: {}; install it, or "
        "say where it is (--bgpdump)",
        file_, end.not_started);
  // Where this one gives up, bgpdump has reason to; the other way round, it dies of SIGPIPE.
  if (unpacker_) {
    const ConfinedProgram::End unpacked = unpacker_->wait();
    if (!unpacked.not_started.empty())
      throw base::Error("{}: {} does not start: {}", file_, unpacker_name_, unpacked.not_started);
    if (unpacked.status != 0 || (unpacked.signal != 0 && unpacked.signal != SIGPIPE))
      throw base::Error("{}: {} cannot unpack it: {}; is the file complete?", file_, unpacker_name_,
                        base::printable(base::trim(unpacked.messages), 120));
  }
  const std::string said = complaint_in(end.messages);
  if (end.signal == SIGXFSZ)
    throw base::Error("{}: bgpdump has more than {} MiB of messages{}{}; is it a routing table?",
                      file_, ConfinedProgram::kMaxMessageBytes >> 20U, said.empty() ? "" : ": ",
                      said);
  if (end.signal != 0)
    throw base::Error("{}: bgpdump broke down on it (signal {}); is the file complete?", file_,
                      end.signal);
  if (!said.empty() || end.status != 0)
    throw base::Error("{}: bgpdump cannot read it to its end{}{}; is the file complete?", file_,
                      said.empty() ? "" : ": ", said);
}

}  // namespace mirrorway::admin
