#include "admin/nouns/noun.h"

#include <algorithm>

#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::admin {

Arguments parse_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  for (const std::string& word : words) {
    const std::size_t stop = word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789");
    if (stop != std::string::npos && word[stop] == '=' && word[0] >= 'a' && word[0] <= 'z')
      arguments.values.emplace_back(word.substr(0, stop), word.substr(stop + 1));
    else
      arguments.words.push_back(word);
  }
  return arguments;
}

const Nouns& all_nouns() {
  static const Nouns kNouns = [] {
    Nouns made;
    add_organisation_nouns(made);
    add_content_nouns(made);
    add_repository_nouns(made);
    add_file_nouns(made);
    add_geography_nouns(made);
    return made;
  }();
  return kNouns;
}

const Noun& find_noun(std::string_view word) {
  std::string wanted = base::lower_ascii(word);
  std::replace(wanted.begin(), wanted.end(), '_', '-');
  std::string known;
  for (const auto& noun : all_nouns()) {
    if (wanted == noun->name() || wanted == noun->plural()) return *noun;
    known += (known.empty() ? "" : ", ") + noun->name();
  }
  throw base::UsageError("\"{}\" is none of {}", base::printable(word), known);
}

}  // namespace mirrorway::admin
