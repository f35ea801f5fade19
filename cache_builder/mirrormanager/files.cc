#include "cache_builder/mirrormanager/files.h"

#include <algorithm>

#include "cache_builder/mirrormanager/remarks.h"
#include "common/base/digest.h"
#include "common/base/remarks.h"
#include "common/base/text.h"
#include "common/net/path.h"

namespace mirrorway::cache_builder {
namespace {

using mirrormanager::DirectoryFiles;
using mirrormanager::FileVersions;
using mirrormanager::MirrorList;

bool is_file_name(const std::string& name) {
  return !name.empty() && name.find('/') == std::string::npos && net::is_path(name);
}

class FileReader {
 public:
  FileReader(CacheBytes& bytes, proto::Snapshot& snapshot, base::Remarks& remarks)
      : walker_(bytes), snapshot_(snapshot), remarks_(remarks) {}

  void run() {
    while (walker_.next()) {
      if (walker_.number() != MirrorList::kFileDetailsCacheFieldNumber) continue;
      walker_.parse(entry_);
      walker_.require(entry_.has_directory(), "directory", DirectoryFiles::kDirectoryFieldNumber);
      read_entry();
    }
    for (proto::Directory& directory : *snapshot_.mutable_directories()) put_in_order(directory);
  }

 private:
  void read_entry() {
    proto::Directory* const directory = find_directory();
    if (directory == nullptr) {
      remarks_.add(remark::kFileDirectory, "{}", base::printable(entry_.directory(), 80));
      return;
    }
    for (const FileVersions& file : entry_.files()) {
      walker_.require(file.has_filename(), "files.filename", FileVersions::kFilenameFieldNumber);
      const std::string place = directory->path() + "/" + file.filename();
      if (!is_file_name(file.filename())) {
        remarks_.add(remark::kFileName, "{}", base::printable(place, 80));
        continue;
      }
      if (file.details().empty()) continue;
      proto::File* const added = directory->add_files();
      added->set_name(file.filename());
      for (const auto& version : file.details())
        add_version(version, place, *added->add_versions());
    }
  }

  proto::Directory* find_directory() {
    const auto path = net::parse_path(entry_.directory());
    if (!path) return nullptr;
    auto& directories = *snapshot_.mutable_directories();
    const auto found = std::lower_bound(
        directories.begin(), directories.end(), *path,
        [](const auto& entry, const auto& wanted) { return entry.path() < wanted; });
    return found != directories.end() && found->path() == *path ? &*found : nullptr;
  }

  void add_version(const mirrormanager::FileVersion& version, const std::string& place,
                   proto::FileVersion& added) {
    added.set_size(static_cast<std::uint64_t>(std::max<std::int64_t>(version.size(), 0)));
    added.set_timestamp(version.timestamp());
    added.set_md5(digest(version.md5(), 16, place));
    added.set_sha1(digest(version.sha1(), 20, place));
    added.set_sha256(digest(version.sha256(), 32, place));
    added.set_sha512(digest(version.sha512(), 64, place));
  }

  std::string digest(const std::string& hex, std::size_t bytes, const std::string& place) {
    auto digest = base::from_hex(base::trim(hex));
    if (digest && (digest->empty() || digest->size() == bytes)) return *std::move(digest);
    remarks_.add(remark::kDigest, "\"{}\" of {}", base::printable(hex, 40),
                 base::printable(place, 80));
    return {};
  }

  // Files by name, each once; versions newest first, those of one time in the order of the cache.
  static void put_in_order(proto::Directory& directory) {
    auto& files = *directory.mutable_files();
    std::stable_sort(files.pointer_begin(), files.pointer_end(),
                     [](const auto* a, const auto* b) { return a->name() < b->name(); });
    int kept = 0;
    for (int i = 1; i < files.size(); ++i) {
      if (files[i].name() == files[kept].name())
        files[kept].MergeFrom(files[i]);
      else if (++kept != i)
        files.SwapElements(kept, i);
    }
    if (!files.empty()) files.DeleteSubrange(kept + 1, files.size() - kept - 1);
    for (proto::File& file : files)
      std::stable_sort(
          file.mutable_versions()->pointer_begin(), file.mutable_versions()->pointer_end(),
          [](const auto* a, const auto* b) { return a->timestamp() > b->timestamp(); });
  }

  CacheWalker walker_;
  proto::Snapshot& snapshot_;
  base::Remarks& remarks_;
  DirectoryFiles entry_;
};

}  // namespace

void add_files(CacheBytes& bytes, proto::Snapshot& snapshot, base::Remarks& remarks) {
  FileReader(bytes, snapshot, remarks).run();
}

}  // namespace mirrorway::cache_builder
