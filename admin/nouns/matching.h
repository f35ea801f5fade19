// Naming rows by a part of their name.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mirrorway::admin {

// The texts that name row `index`: the short one first; the last one is unique and stands in
// messages. They may be the same.
using TextsOf = std::function<std::vector<std::string>(std::size_t index)>;

// Which of `indexes` the word names: those with a text equal to it; if there is none, those whose
// short text (the unique one, when there is a slash in the word) it is a part of, in either case.
std::vector<std::size_t> match(const std::vector<std::size_t>& indexes, const TextsOf& texts_of,
                               std::string_view word);

// 0 … count − 1.
std::vector<std::size_t> all_indexes(std::size_t count);

// The only element. Throws base::Error that says that there is no such `what`, or lists the
// candidates.
std::size_t only_one(const std::vector<std::size_t>& indexes, const TextsOf& texts_of,
                     std::string_view what, std::string_view word);

}  // namespace mirrorway::admin
