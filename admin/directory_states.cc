#include "admin/directory_states.h"

#include <map>
#include <unordered_map>

#include "common/base/text.h"
#include "common/net/path.h"

namespace mirrorway::admin {
namespace {

using catalog::CarriageId;
using catalog::CategoryId;
using catalog::Directory;
using catalog::DirectoryState;

constexpr std::string_view kUpToDate = "up-to-date";
constexpr std::string_view kOutdated = "outdated";

class StatesImport {
 public:
  StatesImport(catalog::CatalogWriter& writer, catalog::HostId host) : writer_(writer) {
    writer.for_each_directory(
        [&](Directory&& directory) { directories_.push_back({std::move(directory)}); });
    by_path_.reserve(directories_.size());
    for (Known& known : directories_) by_path_.emplace(known.directory.path, &known);
    for (const catalog::Carriage& carriage : writer.carriages())
      if (carriage.host == host) carriages_.emplace(carriage.category, carriage.id);
  }

  StatesReport run(std::string_view text) {
    std::size_t number = 0;
    for (const std::string_view line : base::split(text, '\n')) {
      ++number;
      if (line.empty() || line.front() == '#') continue;
      ++report_.read;
      if (auto refusal = take(line, number))
        report_.refused.push_back({number, std::move(refusal->reason)});
    }
    for (const auto& [carriage, states] : states_)
      report_.changed += writer_.write_states(carriage, states);
    return std::move(report_);
  }

 private:
  struct Known {
    Directory directory;
    std::size_t line = 0;  // which states it; 0: none yet
  };

  std::optional<base::Refusal> take(std::string_view line, std::size_t number) {
    const auto parsed = parse_state_line(line);
    if (!parsed) return parsed.refusal();
    const auto found = find_directory(parsed->path);
    if (!found) return found.refusal();
    const Directory& directory = (*found)->directory;
    const auto carriage = carriages_.find(directory.category);
    if (carriage == carriages_.end())
      return base::refuse("the host does not carry the category of {}",
                          base::printable(directory.path));
    std::size_t& line_of_it = (*found)->line;
    if (line_of_it != 0)
      return base::refuse("line {} states {} already", line_of_it, base::printable(directory.path));
    line_of_it = number;
    states_[carriage->second].push_back({directory.id, parsed->is_up_to_date});
    return std::nullopt;
  }

  // Nearly every path is written as the catalog has it, and then need not be taken apart.
  base::Parsed<Known*> find_directory(std::string_view path) const {
    auto found = by_path_.find(path);
    if (found != by_path_.end()) return found->second;
    const auto parsed = net::parse_path(path);
    if (!parsed) return parsed.refusal();
    found = by_path_.find(*parsed);
    if (found != by_path_.end()) return found->second;
    return base::refuse("directory {} is not in the catalog", base::printable(*parsed));
  }

  catalog::CatalogWriter& writer_;
  std::vector<Known> directories_;
  std::unordered_map<std::string_view, Known*> by_path_;
  std::map<CategoryId, CarriageId> carriages_;  // of the host
  std::map<CarriageId, std::vector<DirectoryState>> states_;
  StatesReport report_;
};

}  // namespace

base::Parsed<StateLine> parse_state_line(std::string_view line) {
  const std::size_t blank = line.find(' ');
  const std::string_view state = line.substr(0, blank);
  if (state != kUpToDate && state != kOutdated)
    return base::refuse("\"{}\" is neither {} nor {}", base::printable(state), kUpToDate,
                        kOutdated);
  if (blank == std::string_view::npos)
    return base::refuse("there is no directory behind {}", state);
  return StateLine{line.substr(blank + 1), state == kUpToDate};
}

StatesReport import_states(catalog::CatalogWriter& writer, catalog::HostId host,
                           std::string_view text) {
  return StatesImport(writer, host).run(text);
}

}  // namespace mirrorway::admin
