#include "admin/nouns/noun_of.h"
#include "common/base/digest.h"

namespace mirrorway::admin {
namespace {

using catalog::CatalogReader;
using catalog::CatalogWriter;
using catalog::Dependents;
using catalog::FileDetail;

constexpr std::size_t kMd5Bytes = 16;
constexpr std::size_t kSha1Bytes = 20;
constexpr std::size_t kSha256Bytes = 32;
constexpr std::size_t kSha512Bytes = 64;

// Has neither size nor timestamp until it is given them.
struct FileRow : FileDetail {
  FileRow() { size = timestamp = -1; }
  explicit FileRow(const FileDetail& file) : FileDetail(file) {}
};

void take_facts(FileRow& row, std::string_view path) {
  const base::FileFacts facts = base::read_file_facts(path);
  row.size = facts.size;
  row.timestamp = facts.timestamp;
  row.md5 = base::to_hex(facts.md5);
  row.sha1 = base::to_hex(facts.sha1);
  row.sha256 = base::to_hex(facts.sha256);
  row.sha512 = base::to_hex(facts.sha512);
}

Key<FileRow> directory_key() {
  return {
      "directory",
      "Its path",
      [](const FileRow& row, Names& names) -> Json { return names.directory(row.directory).path; },
      [](FileRow& row, std::string_view text, Names& names) {
        row.directory = names.find_directory_by_part(path_value(text));
      },
      Shown::kEverywhere,
      nullptr,
      [](std::string_view word, Names& names) {
        return names.directory(names.find_directory_by_part(path_value(word))).path;
      }};
}

// The catalog tells versions apart by all three, so that a file that was replaced within a second
// can still be named.
std::string unique_version(const FileRow& row, Names&) {
  return fmt::format("{}/{}/{}", row.timestamp, row.size, row.sha256);
}

Key<FileRow> timestamp_key() {
  return {"timestamp",
          "Of its last change, Unix seconds",
          [](const FileRow& row, Names&) -> Json { return row.timestamp; },
          [](FileRow& row, std::string_view text, Names&) { row.timestamp = count_value(text); },
          Shown::kEverywhere,
          unique_version};
}

Key<FileRow> size_key() {
  return {"size", "Bytes", [](const FileRow& row, Names&) -> Json { return row.size; },
          [](FileRow& row, std::string_view text, Names&) { row.size = count_value(text); },
          Shown::kEverywhere};
}

Key<FileRow> digest_key(std::string name, std::size_t bytes, std::string FileDetail::*member,
                        Shown shown = Shown::kNotInTables) {
  return {std::move(name), "Hexadecimal; empty: unknown",
          [member](const FileRow& row, Names&) -> Json { return row.*member; },
          [member, bytes](FileRow& row, std::string_view text, Names&) {
            row.*member = digest_value(text, bytes);
          },
          shown};
}

// By path of the directory; the catalog has them by its id.
std::vector<FileRow> load_files(const CatalogReader& reader) {
  std::map<catalog::DirectoryId, std::vector<FileRow>> by_directory;
  reader.for_each_file(
      [&](const FileDetail& file) { by_directory[file.directory].emplace_back(file); });
  std::vector<FileRow> rows;
  for (const catalog::Directory& directory : reader.directories()) {
    const auto found = by_directory.find(directory.id);
    if (found == by_directory.end()) continue;
    rows.insert(rows.end(), found->second.begin(), found->second.end());
  }
  return rows;
}

Description<FileRow> describe_file() {
  return {
      "file",
      "files",
      "A version of a file. Adding one keeps those before, as alternates in metalinks; the other\n"
      "    verbs mean one version, which the timestamp names as third word where there are several",
      3,
      2,
      {directory_key(),
       text_key<FileRow>("name", "Without slashes", &FileRow::name, Shown::kEverywhere),
       timestamp_key(),
       size_key(),
       {"from", "A local file whose size, timestamp and digests are taken", nullptr,
        [](FileRow& row, std::string_view text, Names&) { take_facts(row, text); }},
       digest_key("md5", kMd5Bytes, &FileRow::md5),
       digest_key("sha1", kSha1Bytes, &FileRow::sha1),
       digest_key("sha256", kSha256Bytes, &FileRow::sha256, Shown::kEverywhere),
       digest_key("sha512", kSha512Bytes, &FileRow::sha512)},
      {},
      load_files,
      [](CatalogWriter& writer, FileRow& row) {
        if (row.size < 0 || row.timestamp < 0)
          throw base::UsageError("add file needs from=…, or size=… and timestamp=…");
        writer.insert(static_cast<const FileDetail&>(row));
      },
      [](CatalogWriter& writer, const FileRow& before, FileRow& after) {
        writer.remove(static_cast<const FileDetail&>(before));
        writer.insert(static_cast<const FileDetail&>(after));
      },
      [](CatalogWriter& writer, const FileRow& row, Dependents) {
        writer.remove(static_cast<const FileDetail&>(row));
      }};
}

}  // namespace

void add_file_nouns(Nouns& nouns) {
  add_noun(nouns, describe_file());
}

}  // namespace mirrorway::admin
