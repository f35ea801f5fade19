#include "admin/networks/continents.h"

#include <algorithm>
#include <string>

#include "common/base/text.h"

namespace mirrorway::admin {

base::Parsed<std::map<net::CountryCode, net::Continent>> parse_continents(std::string_view text) {
  std::map<net::CountryCode, net::Continent> continents;
  const auto lines = base::split(text, '\n');
  if (!lines.back().empty())
    return base::refuse("{}: the last line has no end; is the file complete?", lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = base::trim(lines[i]);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t comma = std::min(line.find(','), line.size());
    const std::string_view place = base::trim(line.substr(std::min(comma + 1, line.size())));
    // A line of column names, and codes that are nowhere.
    if (place == "--" || (continents.empty() && base::equal_ignoring_case(place, "continent")))
      continue;
    const auto country = net::CountryCode::parse(base::trim(line.substr(0, comma)));
    const auto continent = net::find_continent(base::upper_ascii(place));
    if (!country || !continent)
      return base::refuse("{}: \"{}\" says no country's continent, as DE,EU does", i + 1,
                          base::printable(line, 60));
    const auto [known, is_new] = continents.emplace(*country, *continent);
    if (!is_new && known->second != *continent)
      return base::refuse("{}: {} is in {} already", i + 1, country->text(),
                          net::continent_code(known->second));
  }
  if (continents.empty()) return base::refuse("1: no country is in it");
  return continents;
}

}  // namespace mirrorway::admin
