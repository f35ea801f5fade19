// A noun made from the description of its rows.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/names.h"
#include "admin/nouns/matching.h"
#include "admin/nouns/noun.h"
#include "admin/values.h"
#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::admin {

enum class Shown { kEverywhere, kNotInTables };

template <typename Row>
struct Key {
  using Get = std::function<Json(const Row&, Names&)>;
  using Set = std::function<void(Row&, std::string_view, Names&)>;
  using Unique = std::function<std::string(const Row&, Names&)>;
  using Resolve = std::function<std::string(std::string_view, Names&)>;

  // A constructor, as GCC 12 fails on default values of members here.
  Key(std::string its_name, std::string its_help, Get getter, Set setter,
      Shown where = Shown::kNotInTables, Unique unique_text = nullptr, Resolve resolver = nullptr)
      : name(std::move(its_name)),
        help(std::move(its_help)),
        get(std::move(getter)),
        set(std::move(setter)),
        shown(where),
        unique(std::move(unique_text)),
        resolve(std::move(resolver)) {}

  std::string name;
  std::string help;
  Get get;  // null: a way of setting other keys, not shown
  Set set;  // null: shown only
  Shown shown;
  Unique unique;  // tells rows apart where the shown value does not; null: it does
  // For a key that names a row of another noun: that row's `unique` text, from a part of it.
  Resolve resolve;
};

template <typename Row>
Key<Row> text_key(std::string name, std::string help, std::string Row::*member,
                  Shown shown = Shown::kNotInTables) {
  return {std::move(name), std::move(help),
          [member](const Row& row, Names&) -> Json { return row.*member; },
          [member](Row& row, std::string_view text, Names&) { row.*member = text; }, shown};
}

template <typename Row>
Key<Row> flag_key(std::string name, std::string help, bool Row::*member,
                  Shown shown = Shown::kNotInTables) {
  return {std::move(name), std::move(help),
          [member](const Row& row, Names&) -> Json { return row.*member; },
          [member](Row& row, std::string_view text, Names&) { row.*member = flag_value(text); },
          shown};
}

template <typename Row>
struct Description {
  std::string name;
  std::string plural;
  std::string summary;
  std::size_t words;      // the first keys, which name a row
  std::size_t add_words;  // the first keys, which `add` takes without "key="; it needs all that are
                          // among `words`
  std::vector<Key<Row>> keys;
  std::vector<std::string> required;  // other keys that `add` cannot do without
  std::function<std::vector<Row>(const catalog::CatalogReader&)> load;
  std::function<void(catalog::CatalogWriter&, Row&)> insert;  // null: rows are not made by hand
  std::function<void(catalog::CatalogWriter&, const Row& before, Row& after)> update;
  std::function<void(catalog::CatalogWriter&, const Row&, catalog::Dependents)> remove;
  bool Row::*active = nullptr;    // what enable sets,
  bool Row::*disabled = nullptr;  // or what disable sets, or neither
  // What is worth knowing of a row that was added or edited; null: nothing.
  std::function<std::vector<std::string>(const catalog::CatalogReader&, const Row&)> remarks =
      nullptr;
};

template <typename Row>
class NounOf : public Noun {
 public:
  explicit NounOf(Description<Row> description) : d_(std::move(description)) {}

  const std::string& name() const override { return d_.name; }
  const std::string& plural() const override { return d_.plural; }

  std::string help() const override {
    std::string text = d_.name;
    for (std::size_t i = 0; i < d_.add_words; ++i) text += " " + base::upper_ascii(d_.keys[i].name);
    text += "\n    " + d_.summary + "\n";
    for (const Key<Row>& key : d_.keys)
      if (key.set) text += fmt::format("    {}=  {}\n", key.name, key.help);
    return text;
  }

  Json show(const catalog::CatalogReader& reader, const Arguments& arguments) const override {
    refuse_values(arguments);
    Names names(reader);
    return to_json(pick(d_.load(reader), arguments, names), names);
  }

  Listing list(const catalog::CatalogReader& reader, const Arguments& arguments) const override {
    refuse_values(arguments);
    Names names(reader);
    const std::vector<Row> rows = d_.load(reader);
    Listing listing;
    for (const Key<Row>& key : d_.keys)
      if (key.shown == Shown::kEverywhere) listing.columns.push_back(key.name);
    for (const std::size_t index : matching(rows, arguments, names))
      listing.rows.push_back(to_json(rows[index], names));
    return listing;
  }

  std::string add(catalog::CatalogWriter& writer, const Arguments& arguments) const override {
    if (!d_.insert) throw base::UsageError("a {} cannot be added; edit one", d_.name);
    if (arguments.words.size() > d_.add_words)
      throw base::UsageError("add {}: \"{}\" is one word too many; write key=value", d_.name,
                             base::printable(arguments.words[d_.add_words]));
    Names names(writer);
    Arguments all = arguments;
    for (std::size_t i = 0; i < arguments.words.size(); ++i)
      all.values.emplace_back(d_.keys[i].name, arguments.words[i]);
    require_keys(all);
    Row row;
    for (const auto& [key, value] : all.values) set(row, key, value, names);
    refuse_second(d_.load(writer), row, names);
    d_.insert(writer, row);
    return fmt::format("{} {} added{}", d_.name, title(row, names), remarks(writer, row));
  }

  std::string edit(catalog::CatalogWriter& writer, const Arguments& arguments) const override {
    if (arguments.values.empty())
      throw base::UsageError("edit {}: nothing to change is given; write key=value", d_.name);
    Names names(writer);
    const std::vector<Row> rows = d_.load(writer);
    const Row before = pick(rows, arguments, names);
    Row after = before;
    for (const auto& [key, value] : arguments.values) set(after, key, value, names);
    if (!is_same(before, after, names)) refuse_second(rows, after, names);
    std::string changes;
    for (const Key<Row>& key : d_.keys) {
      if (!key.get) continue;
      const Json old_value = key.get(before, names);
      const Json new_value = key.get(after, names);
      if (old_value != new_value)
        changes += fmt::format("{}{} from \"{}\" to \"{}\"", changes.empty() ? "" : ", ", key.name,
                               plain(old_value), plain(new_value));
    }
    const std::string name = title(before, names);
    if (changes.empty()) return fmt::format("{} {} is so already", d_.name, name);
    d_.update(writer, before, after);
    return fmt::format("{} {}: {}{}", d_.name, name, changes, remarks(writer, after));
  }

  std::string remove(catalog::CatalogWriter& writer, const Arguments& arguments,
                     catalog::Dependents dependents) const override {
    if (!d_.remove) throw base::UsageError("a {} cannot be removed", d_.name);
    refuse_values(arguments);
    Names names(writer);
    const Row row = pick(d_.load(writer), arguments, names);
    const std::string name = title(row, names);
    d_.remove(writer, row, dependents);
    return fmt::format("{} {} removed", d_.name, name);
  }

  std::string set_enabled(catalog::CatalogWriter& writer, const Arguments& arguments,
                          bool enabled) const override {
    if (d_.active == nullptr && d_.disabled == nullptr)
      throw base::UsageError(
          "a {} cannot be enabled or disabled; sites, hosts and repositories can", d_.name);
    refuse_values(arguments);
    Names names(writer);
    const Row before = pick(d_.load(writer), arguments, names);
    Row after = before;
    bool Row::*const member = d_.active != nullptr ? d_.active : d_.disabled;
    after.*member = enabled == (d_.active != nullptr);
    const std::string name = title(before, names);
    const std::string_view state = enabled ? "enabled" : "disabled";
    if (after.*member == before.*member)
      return fmt::format("{} {} is {} already", d_.name, name, state);
    d_.update(writer, before, after);
    return fmt::format("{} {} {}", d_.name, name, state);
  }

 private:
  std::string remarks(const catalog::CatalogReader& reader, const Row& row) const {
    std::string text;
    if (d_.remarks)
      for (const std::string& remark : d_.remarks(reader, row)) text += "\nremark: " + remark;
    return text;
  }

  std::string unique(const Row& row, std::size_t key, Names& names) const {
    const Key<Row>& k = d_.keys[key];
    return k.unique ? k.unique(row, names) : plain(k.get(row, names));
  }

  std::string title(const Row& row, Names& names) const {
    std::string text;
    for (std::size_t i = 0; i < d_.words; ++i)
      text += (i == 0 ? "" : " ") + plain(d_.keys[i].get(row, names));
    return text;
  }

  bool is_same(const Row& a, const Row& b, Names& names) const {
    for (std::size_t i = 0; i < d_.words; ++i)
      if (unique(a, i, names) != unique(b, i, names)) return false;
    return true;
  }

  // The tables would refuse it too, but in the words of SQL.
  void refuse_second(const std::vector<Row>& rows, const Row& row, Names& names) const {
    for (const Row& other : rows)
      if (is_same(other, row, names))
        throw base::Error("{} {} exists already; edit it", d_.name, title(row, names));
  }

  Json to_json(const Row& row, Names& names) const {
    Json json = Json::object();
    for (const Key<Row>& key : d_.keys)
      if (key.get) json[key.name] = key.get(row, names);
    return json;
  }

  void set(Row& row, const std::string& name, const std::string& value, Names& names) const {
    const auto key = std::find_if(d_.keys.begin(), d_.keys.end(), [&](const Key<Row>& candidate) {
      return candidate.name == name && candidate.set;
    });
    if (key == d_.keys.end())
      throw base::UsageError("a {} has no key \"{}\"; it has {}", d_.name, base::printable(name),
                             key_names());
    try {
      key->set(row, value, names);
    } catch (const base::UsageError& error) {
      throw base::UsageError("{}: {}", name, error.what());
    }
  }

  std::string key_names() const {
    std::string text;
    for (const Key<Row>& key : d_.keys)
      if (key.set) text += (text.empty() ? "" : ", ") + key.name;
    return text;
  }

  void require_keys(const Arguments& arguments) const {
    std::vector<std::string> needed = d_.required;
    for (std::size_t i = 0; i < std::min(d_.words, d_.add_words); ++i)
      needed.push_back(d_.keys[i].name);
    for (const std::string& name : needed) {
      const bool is_given = std::any_of(arguments.values.begin(), arguments.values.end(),
                                        [&](const auto& value) { return value.first == name; });
      if (!is_given) throw base::UsageError("add {} needs {}=…", d_.name, name);
    }
  }

  void refuse_values(const Arguments& arguments) const {
    if (!arguments.values.empty())
      throw base::UsageError("{}= stands after add or edit only", arguments.values.front().first);
  }

  // Each word narrows the rows down by the key that it stands for.
  std::vector<std::size_t> matching(const std::vector<Row>& rows, const Arguments& arguments,
                                    Names& names) const {
    if (arguments.words.size() > d_.words)
      throw base::UsageError("\"{}\" is one word too many to name a {}",
                             base::printable(arguments.words[d_.words]), d_.name);
    std::vector<std::size_t> indexes = all_indexes(rows.size());
    for (std::size_t i = 0; i < arguments.words.size(); ++i) {
      const Key<Row>& key = d_.keys[i];
      const TextsOf texts_of = [&](std::size_t index) {
        return std::vector{plain(key.get(rows[index], names)), unique(rows[index], i, names)};
      };
      // Another noun's row is looked for among all of that noun: "remove url m1" must not take
      // the URL of m10 because m1 has none.
      const std::string word =
          key.resolve ? key.resolve(arguments.words[i], names) : arguments.words[i];
      if (key.resolve)
        std::erase_if(indexes,
                      [&](std::size_t index) { return unique(rows[index], i, names) != word; });
      else
        indexes = match(indexes, texts_of, word);
    }
    return indexes;
  }

  Row pick(const std::vector<Row>& rows, const Arguments& arguments, Names& names) const {
    if (arguments.words.empty())
      throw base::UsageError("which {}? \"list {}\" shows them", d_.name, d_.plural);
    const TextsOf titles = [&](std::size_t index) {
      std::string text;
      for (std::size_t i = 0; i < d_.words; ++i)
        text += (i == 0 ? "" : " ") + unique(rows[index], i, names);
      return std::vector{text};
    };
    std::string words;
    for (const std::string& word : arguments.words) words += (words.empty() ? "" : " ") + word;
    return rows[only_one(matching(rows, arguments, names), titles, d_.name, words)];
  }

  Description<Row> d_;
};

template <typename Row>
void add_noun(Nouns& nouns, Description<Row> description) {
  nouns.push_back(std::make_unique<NounOf<Row>>(std::move(description)));
}

}  // namespace mirrorway::admin
