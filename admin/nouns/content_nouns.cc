#include "admin/nouns/noun_of.h"

namespace mirrorway::admin {
namespace {

using catalog::Carriage;
using catalog::CatalogReader;
using catalog::CatalogWriter;
using catalog::Category;
using catalog::Dependents;
using catalog::Directory;

// Keys of rows that have members `host` and `category`.
template <typename Row>
Key<Row> host_key() {
  return {
      "host",
      "Which host",
      [](const Row& row, Names& names) -> Json { return names.host(row.host); },
      [](Row& row, std::string_view text, Names& names) { row.host = names.find_host(text); },
      Shown::kEverywhere,
      [](const Row& row, Names& names) { return names.full_host(row.host); },
      [](std::string_view word, Names& names) { return names.full_host(names.find_host(word)); }};
}

template <typename Row>
Key<Row> category_key(std::string help) {
  return {"category",
          std::move(help),
          [](const Row& row, Names& names) -> Json { return names.category(row.category); },
          [](Row& row, std::string_view text, Names& names) {
            row.category = names.find_category(text);
          },
          Shown::kEverywhere,
          nullptr,
          [](std::string_view word, Names& names) {
            return names.category(names.find_category(word));
          }};
}

Description<Category> describe_category() {
  return {
      "category",
      "categories",
      "A content tree that hosts carry",
      1,
      1,
      {text_key("name", "Unique name", &Category::name, Shown::kEverywhere),
       {"top_directory", "Path that the URLs of its hosts stand for; may be empty",
        [](const Category& row, Names&) -> Json { return row.top_directory; },
        [](Category& row, std::string_view text, Names&) { row.top_directory = path_value(text); },
        Shown::kEverywhere}},
      {"top_directory"},
      [](const CatalogReader& reader) { return reader.categories(); },
      [](CatalogWriter& writer, Category& row) { writer.insert(row); },
      [](CatalogWriter& writer, const Category&, Category& row) { writer.update(row); },
      [](CatalogWriter& writer, const Category& row, Dependents dependents) {
        const auto is_of = [&](const auto& other) { return other.category == row.id; };
        const auto directories = writer.directories();
        const auto carriages = writer.carriages();
        const auto count = std::count_if(directories.begin(), directories.end(), is_of);
        const auto carriers = std::count_if(carriages.begin(), carriages.end(), is_of);
        if (dependents == Dependents::kRefuse && count + carriers > 0)
          throw base::Error(
              "category {} still has {} directories and is carried by {} hosts; "
              "--recursive removes these too",
              row.name, count, carriers);
        writer.remove(row, dependents);
      }};
}

Description<Carriage> describe_carriage() {
  return {"carriage",
          "carriages",
          "A host carries a category; adding a URL makes it too",
          2,
          2,
          {host_key<Carriage>(),
           category_key<Carriage>("Which category"),
           flag_key("always_up_to_date", "yes: all directories of it are there and current [no]",
                    &Carriage::is_always_up_to_date, Shown::kEverywhere),
           {"urls", "", [](const Carriage& row, Names&) -> Json { return row.urls; }, nullptr}},
          {},
          [](const CatalogReader& reader) { return reader.carriages(); },
          [](CatalogWriter& writer, Carriage& row) { writer.insert(row); },
          [](CatalogWriter& writer, const Carriage& before, Carriage& row) {
            // What is known of its directories belongs to this pair alone.
            if (before.host != row.host || before.category != row.category)
              throw base::Error("host and category of a carriage stay; remove it and add another");
            writer.update(row);
          },
          [](CatalogWriter& writer, const Carriage& row, Dependents) { writer.remove(row); }};
}

// One of the URLs of a carriage.
struct HostUrl {
  catalog::HostId host{};
  catalog::CategoryId category{};
  std::string url;
};

std::optional<Carriage> find_carriage(const CatalogReader& reader, const HostUrl& row) {
  for (Carriage& carriage : reader.carriages())
    if (carriage.host == row.host && carriage.category == row.category) return std::move(carriage);
  return std::nullopt;
}

void insert_url(CatalogWriter& writer, const HostUrl& row) {
  auto carriage = find_carriage(writer, row);
  if (!carriage) {
    writer.insert(Carriage{{}, row.host, row.category, false, {row.url}});
    return;
  }
  carriage->urls.push_back(row.url);
  std::sort(carriage->urls.begin(), carriage->urls.end());
  writer.update(*carriage);
}

void remove_url(CatalogWriter& writer, const HostUrl& row) {
  auto carriage = find_carriage(writer, row);
  MIRRORWAY_ASSERT(carriage.has_value());
  std::erase(carriage->urls, row.url);
  writer.update(*carriage);
}

Description<HostUrl> describe_url() {
  return {"url",
          "urls",
          "A base URL below which a host carries a category",
          3,
          3,
          {host_key<HostUrl>(),
           category_key<HostUrl>("Which category"),
           {"url", "http, https, ftp or rsync",
            [](const HostUrl& row, Names&) -> Json { return row.url; },
            [](HostUrl& row, std::string_view text, Names&) { row.url = url_value(text); },
            Shown::kEverywhere}},
          {},
          [](const CatalogReader& reader) {
            std::vector<HostUrl> rows;
            for (const Carriage& carriage : reader.carriages())
              for (const std::string& url : carriage.urls)
                rows.push_back({carriage.host, carriage.category, url});
            return rows;
          },
          [](CatalogWriter& writer, HostUrl& row) { insert_url(writer, row); },
          [](CatalogWriter& writer, const HostUrl& before, HostUrl& after) {
            remove_url(writer, before);
            insert_url(writer, after);
          },
          [](CatalogWriter& writer, const HostUrl& row, Dependents) { remove_url(writer, row); }};
}

Description<Directory> describe_directory() {
  return {"directory",
          "directories",
          "One path in a category's tree",
          1,
          1,
          {{"path", "At or below the category's top directory",
            [](const Directory& row, Names&) -> Json { return row.path; },
            [](Directory& row, std::string_view text, Names&) { row.path = path_value(text); },
            Shown::kEverywhere},
           category_key<Directory>("Which category")},
          {"category"},
          [](const CatalogReader& reader) { return reader.directories(); },
          [](CatalogWriter& writer, Directory& row) { writer.insert(row); },
          [](CatalogWriter& writer, const Directory&, Directory& row) { writer.update(row); },
          [](CatalogWriter& writer, const Directory& row, Dependents dependents) {
            if (dependents == Dependents::kRefuse)
              for (const catalog::Repository& repository : writer.repositories())
                if (repository.directory == row.id)
                  throw base::Error(
                      "directory {} is that of repository {} {}; --recursive removes "
                      "it too",
                      row.path, repository.name, repository.architecture);
            writer.remove(row, dependents);
          }};
}

}  // namespace

void add_content_nouns(Nouns& nouns) {
  add_noun(nouns, describe_category());
  add_noun(nouns, describe_carriage());
  add_noun(nouns, describe_url());
  add_noun(nouns, describe_directory());
}

}  // namespace mirrorway::admin
