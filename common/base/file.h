// Whole files: reading with a bound, and publishing so that readers see the old or the new one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/fd.h"

namespace mirrorway::base {

struct RegularFile {
  Fd fd;             // for reading
  std::size_t size;  // bytes, when it was opened
};

// A FIFO or a device is refused, not waited for. Throws IoError, or Error when the file is longer
// than max_bytes or no regular file.
RegularFile open_regular(const std::filesystem::path& path, std::size_t max_bytes = SIZE_MAX);

// Throws as open_regular.
std::string read_file(const std::filesystem::path& path, std::size_t max_bytes);

// The time of writing for a file that is about to replace the one at `path`: now, but later than
// that one's in whole seconds, as HTTP has no others. Were both of one second, whoever has fetched
// the old one would be told for ever that nothing has changed. This also bridges a clock that was
// set back a little; a time more than an hour ahead counts for nothing, or a clock that was wrong
// once would stay so.
timespec replacement_time(const std::filesystem::path& path);

// Writes the bytes beside `path`, syncs, renames over it and syncs the folder. When this throws
// IoError, whatever was at `path` is untouched and nothing is left beside it. After a crash a file
// named `.{name}.XXXXXX` may be left behind; it is never read. Readable by all (mode 0644), with
// the time that replacement_time says.
void publish_file(const std::filesystem::path& path, std::string_view bytes);

// publish_file for content that comes piece by piece and is never whole in memory. Without commit()
// the file at `path` stays as it is.
class PublishedFile {
 public:
  // `path` need not exist yet; its folder must. Throws IoError, as append and commit do.
  explicit PublishedFile(const std::filesystem::path& path);
  PublishedFile(const PublishedFile&) = delete;
  PublishedFile& operator=(const PublishedFile&) = delete;
  ~PublishedFile();

  // Pieces are gathered to large writes.
  void append(std::string_view bytes);
  // Brings what was appended to the disk, which may take long; nothing can be appended afterwards.
  // For whoever has to look once more before commit, which does it otherwise.
  void sync();
  // Once, at the end.
  void commit();

 private:
  void flush();

  std::filesystem::path target_;
  std::string temporary_;  // empty when there is nothing to remove
  Fd fd_;                  // until sync
  std::string pending_;
};

// Removes what killed processes have left of publications of `path`. Only for whoever knows that
// nobody is publishing it now. Throws IoError.
void remove_leftovers(const std::filesystem::path& path);

// What root makes in a folder of somebody else's, who has to go on with it: gives `path` to the
// folder's owner. Does nothing for other users. Throws IoError.
void give_to_owner_of(const std::filesystem::path& folder, const std::filesystem::path& path);

// What was renamed, linked or removed in the folder is on the disk. Throws IoError.
void sync_folder(const std::filesystem::path& folder);

// Writes all bytes, however many calls it takes; `name` is for the message. Throws IoError.
void write_all(const Fd& fd, std::string_view bytes, std::string_view name);

}  // namespace mirrorway::base
