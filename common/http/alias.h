// Other forms of URLs for the same questions: "/mirrorlist/{version}/{repo}=repo={repo}-{version}".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/parsed.h"

namespace mirrorway::http {

class Alias {
 public:
  // PATTERN=PARAMETERS. The pattern is a whole path, in which a segment {name} stands for any one
  // segment; the parameters are a query, in whose values {name} is replaced by it. Refuses what can
  // never match, names that the other side does not have, and parameters not in `known`.
  static base::Parsed<Alias> parse(std::string_view text, std::span<const std::string_view> known);

  // `path` is decoded. Names and values of the parameters, when the pattern is that of the path.
  std::optional<std::vector<std::pair<std::string, std::string>>> match(
      std::string_view path) const;

 private:
  struct Parameter {
    std::string name;
    std::string value;  // with {name}s
  };

  std::vector<std::string> pattern_;  // segments
  std::vector<Parameter> parameters_;
};

}  // namespace mirrorway::http
