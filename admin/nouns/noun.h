// What the verbs of the command line work on. Every noun is described once, by its keys; add, show,
// list, edit, remove, enable and disable come from the description (noun_of.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/nouns/output.h"
#include "common/catalog/writer.h"

namespace mirrorway::admin {

// The words after the noun: those that name a row, and key=value.
struct Arguments {
  std::vector<std::string> words;
  std::vector<std::pair<std::string, std::string>> values;
};

Arguments parse_arguments(const std::vector<std::string>& words);

struct Listing {
  std::vector<std::string> columns;  // those of the table; the rows have more
  std::vector<Json> rows;
};

// The writing verbs return one line that says what was done, perhaps with lines of remarks. All
// throw base::UsageError for what cannot be meant, base::Error for what cannot be done.
class Noun {
 public:
  Noun() = default;
  Noun(const Noun&) = delete;
  Noun& operator=(const Noun&) = delete;
  virtual ~Noun() = default;

  virtual const std::string& name() const = 0;
  virtual const std::string& plural() const = 0;
  // How it is written, and its keys, for --help.
  virtual std::string help() const = 0;

  virtual Json show(const catalog::CatalogReader& reader, const Arguments& arguments) const = 0;
  // The rows that all words fit; every row without words.
  virtual Listing list(const catalog::CatalogReader& reader, const Arguments& arguments) const = 0;
  virtual std::string add(catalog::CatalogWriter& writer, const Arguments& arguments) const = 0;
  virtual std::string edit(catalog::CatalogWriter& writer, const Arguments& arguments) const = 0;
  virtual std::string remove(catalog::CatalogWriter& writer, const Arguments& arguments,
                             catalog::Dependents dependents) const = 0;
  virtual std::string set_enabled(catalog::CatalogWriter& writer, const Arguments& arguments,
                                  bool enabled) const = 0;
};

using Nouns = std::vector<std::unique_ptr<Noun>>;

// All of them, in the order of the help.
const Nouns& all_nouns();
// By name or plural; '-' and '_' are the same. Throws base::UsageError that lists them.
const Noun& find_noun(std::string_view word);

// Each adds the nouns of one subject.
void add_organisation_nouns(Nouns& nouns);  // site, host, netblock
void add_content_nouns(Nouns& nouns);       // category, carriage, url, directory
void add_repository_nouns(Nouns& nouns);    // repository, redirect
void add_file_nouns(Nouns& nouns);          // file
void add_geography_nouns(Nouns& nouns);     // country, netblock-country, research-netblock

}  // namespace mirrorway::admin
