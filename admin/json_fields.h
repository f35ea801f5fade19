// Reading the members of a JSON object that somebody else wrote, each with a type and a bound. The
// first thing that is wrong is kept; what is read after it does not matter any more.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/base/parsed.h"

namespace mirrorway::admin {

// Parses one JSON object; names the byte where it goes wrong. Text that is no UTF-8 is refused.
base::Parsed<nlohmann::json> parse_json_object(std::string_view text);

class JsonFields {
 public:
  // `object` must be a JSON object and outlive this.
  explicit JsonFields(const nlohmann::json& object) : object_(object) {}

  // nullptr when the member is absent or null.
  const nlohmann::json* find(const char* key) const;

  // One line of at most kMaxTextBytes, without control characters.
  static constexpr std::size_t kMaxTextBytes = 255;
  std::string required_text(const char* key);
  std::string text(const char* key);                                       // "" when absent
  std::optional<bool> flag(const char* key);                               // nullopt when absent
  std::vector<std::string> texts(const char* key, std::size_t max_items);  // {} when absent
  // nullptr unless it is an object of at most max_members.
  const nlohmann::json* object(const char* key, std::size_t max_members);

  void fail(base::Refusal refusal);
  const std::optional<base::Refusal>& problem() const { return problem_; }

 private:
  std::string text_of(const char* key, const nlohmann::json& value);

  const nlohmann::json& object_;
  std::optional<base::Refusal> problem_;
};

}  // namespace mirrorway::admin
