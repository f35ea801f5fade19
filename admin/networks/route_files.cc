#include "admin/networks/route_files.h"

#include <fcntl.h>

#include <cerrno>

#include "admin/networks/bgpdump.h"
#include "admin/networks/routes.h"
#include "common/base/line_reader.h"
#include "common/base/text.h"

namespace mirrorway::admin {
namespace {

class Collector {
 public:
  explicit Collector(const RouteFilesOptions& options) : options_(options) {}

  void read(const std::string& file) {
    file_ = file;
    const std::size_t entries_before = result_.entries;
    if (is_route_dump(file)) {
      read_dump(file);
    } else {
      read_text(file);
    }
    if (result_.entries == entries_before) throw base::Error("{}: no network is in it", file);
  }

  RouteFiles finish() {
    result_.rows = table_.finish();
    return std::move(result_);
  }

 private:
  void read_dump(const std::string& file) {
    Bgpdump dump(options_.bgpdump, file);
    last_.clear();
    while (const auto line = dump.next_line())
      if (const auto refusal = read_route(*line)) count_bad(file, dump.line_number(), *refusal);
    dump.finish();
  }

  // The same prefix follows itself some fifty times, once for every peer of the collector.
  std::optional<base::Refusal> read_route(std::string_view line) {
    const auto route = Route::parse(line);
    if (!route) return route.refusal();
    count_entry();
    if (!options_.through.empty() && !route->passes_through(options_.through)) return std::nullopt;
    if (!last_.empty() && route->prefix == last_) {
      table_.add_again(route->origin());
      return std::nullopt;
    }
    const auto prefix = net::Prefix::parse(route->prefix);
    if (!prefix) return prefix.refusal();
    table_.add(*prefix, route->origin());
    last_ = route->prefix;
    return std::nullopt;
  }

  void read_text(const std::string& file) {
    const base::Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) throw base::IoError(errno, "opening {}", file);
    base::LineReader lines(fd, file, kMaxNetworkLineBytes);
    while (const auto line = lines.next()) {
      if (lines.was_cut())
        throw base::Error("{}:{}: the last line has no end; is the file complete?", file,
                          lines.number());
      const std::string_view text = base::trim(*line);
      if (text.empty() || text.front() == '#') continue;
      const auto row = parse_network_line(text);
      if (!row) {
        count_bad(file, lines.number(), row.refusal());
        continue;
      }
      count_entry();
      if (options_.through.empty() || options_.through.contains(row->asn))
        table_.add(row->prefix, row->asn);
    }
  }

  void count_entry() {
    constexpr std::size_t kEntriesPerReport = 4096;
    if (++result_.entries % kEntriesPerReport == 0) options_.progress(file_, result_.entries);
  }

  void count_bad(const std::string& file, std::size_t line, const base::Refusal& refusal) {
    if (++result_.bad_lines > options_.max_bad_lines)
      throw base::Error("{}:{}: {} (--max-bad-lines lets so many pass)", file, line,
                        refusal.reason);
  }

  const RouteFilesOptions& options_;
  RouteFiles result_;
  RouteTable table_;
  std::string file_;  // that is being read
  std::string last_;  // the prefix that the table was given last, as it was written
};

}  // namespace

RouteFiles read_route_files(const std::vector<std::string>& files,
                            const RouteFilesOptions& options) {
  Collector collector(options);
  for (const std::string& file : files) collector.read(file);
  return collector.finish();
}

}  // namespace mirrorway::admin
