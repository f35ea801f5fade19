// The snapshots that were in place before: FILE.kept/000017 beside FILE, and .withdrawn behind the
// number of one that was rolled back. For whoever holds the publication's lock, but for list().
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mirrorway::cache_builder {

struct KeptSnapshot {
  std::uint32_t number = 0;
  bool is_withdrawn = false;
  std::filesystem::path path;
  std::chrono::system_clock::time_point published;  // when it came into place
  std::uintmax_t bytes = 0;
};

class History {
 public:
  // Of the snapshot at `file`.
  explicit History(const std::filesystem::path& file);

  // Oldest first, without one that is the file in place itself. Throws base::IoError, as all do.
  std::vector<KeptSnapshot> list() const;

  // Links the file in place as the newest entry, unless there is none in place or it is an entry
  // already. The folder is made when it is missing.
  void keep_current();
  // The same, but for a file that is about to be taken back; and every entry newer than `target`
  // is withdrawn with it.
  void withdraw_newer_than(const KeptSnapshot& target);
  // Renames the entry into place, with base::replacement_time. Returns when it is on the disk.
  void put_back(const KeptSnapshot& target);
  // Removes entries that are the file in place, and all but the `count` newest of those that are
  // good to go back to, and of those withdrawn.
  void forget_all_but(std::size_t count);

 private:
  std::vector<KeptSnapshot> all() const;
  bool is_in_place(const KeptSnapshot& kept) const;
  void link_current(std::string_view ending);

  std::filesystem::path file_;
  std::filesystem::path folder_;
};

// The one that a rollback without a number goes to: the newest that was not withdrawn. Null when
// there is none.
const KeptSnapshot* find_previous(const std::vector<KeptSnapshot>& kept);
// By its number; null when there is none.
const KeptSnapshot* find_kept(const std::vector<KeptSnapshot>& kept, std::uint32_t number);

}  // namespace mirrorway::cache_builder
