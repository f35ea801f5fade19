// The outcome of reading text from outside: a value, or one line that says what is wrong with it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "common/base/error.h"

namespace mirrorway::base {

// The reason completes the sentence "X is refused: …" and quotes the offending part.
struct Refusal {
  std::string reason;
};

template <typename... Args>
Refusal refuse(fmt::format_string<Args...> format, Args&&... args) {
  return Refusal{fmt::format(format, std::forward<Args>(args)...)};
}

template <typename T>
class [[nodiscard]] Parsed {
 public:
  // Implicit, so that a parser simply returns the value or refuse(…).
  Parsed(T value) : value_(std::move(value)) {}
  Parsed(Refusal refusal) : reason_(std::move(refusal.reason)) {}

  explicit operator bool() const { return value_.has_value(); }
  const T& operator*() const& { return get(); }
  T&& operator*() && {
    get();
    return std::move(*value_);
  }
  const T* operator->() const { return &get(); }

  // Empty when there is a value.
  const std::string& reason() const { return reason_; }
  Refusal refusal() const { return Refusal{reason_}; }

  // For text that must be good, such as a setting: throws Error("{what}: {reason}").
  T or_throw(std::string_view what) && {
    if (!value_) throw Error("{}: {}", what, reason_);
    return std::move(*value_);
  }

 private:
  const T& get() const {
    MIRRORWAY_ASSERT(value_.has_value());
    return *value_;
  }

  std::optional<T> value_;
  std::string reason_;
};

}  // namespace mirrorway::base
