#include "admin/nouns/noun_of.h"

namespace mirrorway::admin {
namespace {

using catalog::CatalogReader;
using catalog::CatalogWriter;
using catalog::Dependents;
using catalog::Redirect;

// A repository with the directory that it is to have, which need not exist yet.
struct RepositoryRow : catalog::Repository {
  std::string path;
  std::optional<catalog::CategoryId> category;
};

void settle_directory(CatalogWriter& writer, RepositoryRow& row) {
  Names names(writer);
  const catalog::Directory* const found = names.find_directory(row.path);
  if (found == nullptr && !row.category)
    throw base::Error("no directory {}; add it, or name the category that it is to be made in",
                      row.path);
  if (found != nullptr && row.category && found->category != *row.category)
    throw base::Error("directory {} is of category {}", row.path, names.category(found->category));
  row.directory = found != nullptr ? found->id : writer.insert({{}, row.path, *row.category});
}

std::vector<Key<RepositoryRow>> repository_keys() {
  return {
      text_key<RepositoryRow>("name", "As clients ask for it, such as core-9.8",
                              &RepositoryRow::name, Shown::kEverywhere),
      text_key<RepositoryRow>("architecture", "Such as x86_64, or source",
                              &RepositoryRow::architecture, Shown::kEverywhere),
      {"category", "Where the directory is made if there is none",
       [](const RepositoryRow& row, Names& names) -> Json {
         return row.category ? Json(names.category(*row.category)) : Json();
       },
       [](RepositoryRow& row, std::string_view text, Names& names) {
         row.category = names.find_category(text);
       },
       Shown::kEverywhere},
      {"directory", "Its path", [](const RepositoryRow& row, Names&) -> Json { return row.path; },
       [](RepositoryRow& row, std::string_view text, Names&) { row.path = path_value(text); },
       Shown::kEverywhere},
      flag_key<RepositoryRow>("disabled", "yes: clients are told so [no]",
                              &RepositoryRow::is_disabled, Shown::kEverywhere),
  };
}

Description<RepositoryRow> describe_repository() {
  return {"repository",
          "repositories",
          "A directory by name and architecture",
          2,
          2,
          repository_keys(),
          {"directory"},
          [](const CatalogReader& reader) {
            Names names(reader);
            std::vector<RepositoryRow> rows;
            for (const catalog::Repository& repository : reader.repositories()) {
              const catalog::Directory& directory = names.directory(repository.directory);
              rows.push_back({repository, directory.path, directory.category});
            }
            return rows;
          },
          [](CatalogWriter& writer, RepositoryRow& row) {
            settle_directory(writer, row);
            writer.insert(static_cast<const catalog::Repository&>(row));
          },
          [](CatalogWriter& writer, const RepositoryRow&, RepositoryRow& row) {
            settle_directory(writer, row);
            writer.update(static_cast<const catalog::Repository&>(row));
          },
          [](CatalogWriter& writer, const RepositoryRow& row, Dependents) {
            writer.remove(static_cast<const catalog::Repository&>(row));
          },
          nullptr,
          &RepositoryRow::is_disabled};
}

Description<Redirect> describe_redirect() {
  return {"redirect",
          "redirects",
          "Requests for repository FROM are answered as requests for TO",
          1,
          2,
          {text_key("from", "A repository's name, which need not exist", &Redirect::from,
                    Shown::kEverywhere),
           text_key("to", "A repository's name, or another redirect's", &Redirect::to,
                    Shown::kEverywhere)},
          {"to"},
          [](const CatalogReader& reader) { return reader.redirects(); },
          [](CatalogWriter& writer, Redirect& row) { writer.insert(row); },
          [](CatalogWriter& writer, const Redirect& before, Redirect& after) {
            writer.remove(before);
            writer.insert(after);
          },
          [](CatalogWriter& writer, const Redirect& row, Dependents) { writer.remove(row); }};
}

}  // namespace

void add_repository_nouns(Nouns& nouns) {
  add_noun(nouns, describe_repository());
  add_noun(nouns, describe_redirect());
}

}  // namespace mirrorway::admin
