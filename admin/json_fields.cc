#include "admin/json_fields.h"

#include "common/base/text.h"

namespace mirrorway::admin {

using nlohmann::json;

base::Parsed<json> parse_json_object(std::string_view text) {
  if (!base::is_utf8(text)) return base::refuse("no UTF-8");
  try {
    json parsed = json::parse(text);
    if (!parsed.is_object()) return base::refuse("no JSON object");
    return parsed;
  } catch (const json::parse_error& error) {
    return base::refuse("no JSON: wrong at byte {}", error.byte);
  } catch (const json::exception&) {
    return base::refuse("no JSON: a number is out of range");
  }
}

const json* JsonFields::find(const char* key) const {
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void JsonFields::fail(base::Refusal refusal) {
  if (!problem_) problem_ = std::move(refusal);
}

std::string JsonFields::text_of(const char* key, const json& value) {
  const auto* const text = value.get_ptr<const std::string*>();
  if (text == nullptr) {
    fail(base::refuse("\"{}\" is no string", key));
    return {};
  }
  if (text->size() > kMaxTextBytes || !base::is_one_line(*text)) {
    fail(base::refuse("\"{}\" is no single line of at most {} bytes", key, kMaxTextBytes));
    return {};
  }
  return std::string(base::trim(*text));
}

std::string JsonFields::required_text(const char* key) {
  std::string value = text(key);
  if (value.empty()) fail(base::refuse("\"{}\" is missing or empty", key));
  return value;
}

std::string JsonFields::text(const char* key) {
  const json* const value = find(key);
  return value == nullptr ? std::string() : text_of(key, *value);
}

std::optional<bool> JsonFields::flag(const char* key) {
  const json* const value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) {
    fail(base::refuse("\"{}\" is neither true nor false", key));
    return std::nullopt;
  }
  return value->get<bool>();
}

std::vector<std::string> JsonFields::texts(const char* key, std::size_t max_items) {
  const json* const value = find(key);
  std::vector<std::string> result;
  if (value == nullptr) return result;
  if (!value->is_array() || value->size() > max_items) {
    fail(base::refuse("\"{}\" is no list of at most {} strings", key, max_items));
    return result;
  }
  for (const json& item : *value) result.push_back(text_of(key, item));
  return result;
}

const json* JsonFields::object(const char* key, std::size_t max_members) {
  const json* const value = find(key);
  if (value == nullptr) return nullptr;
  if (value->is_object() && value->size() <= max_members) return value;
  fail(base::refuse("\"{}\" is no object of at most {} members", key, max_members));
  return nullptr;
}

}  // namespace mirrorway::admin
