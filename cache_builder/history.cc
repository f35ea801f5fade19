#include "cache_builder/history.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/base/error.h"
#include "common/base/file.h"
#include "common/base/text.h"

namespace mirrorway::cache_builder {
namespace {

constexpr std::string_view kWithdrawn = ".withdrawn";
constexpr std::uint32_t kMaxNumber = 999'999'999;

std::filesystem::path name_of(std::uint32_t number, std::string_view ending) {
  return fmt::format("{:06}{}", number, ending);
}

// nullopt for what is no entry of ours, or no longer there.
std::optional<KeptSnapshot> read_entry(const std::filesystem::path& path) {
  std::string name = path.filename().string();
  KeptSnapshot kept;
  kept.is_withdrawn = name.ends_with(kWithdrawn);
  if (kept.is_withdrawn) name.resize(name.size() - kWithdrawn.size());
  const auto number = base::parse_number(name, kMaxNumber);
  struct stat status {};
  if (!number || ::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
    return std::nullopt;
  kept.number = static_cast<std::uint32_t>(*number);
  kept.path = path;
  kept.published = std::chrono::system_clock::from_time_t(status.st_mtime);
  kept.bytes = static_cast<std::uintmax_t>(status.st_size);
  return kept;
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    throw base::IoError(errno, "renaming {} to {}", from.string(), to.string());
}

void remove_file(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    throw base::IoError(errno, "removing {}", path.string());
}

}  // namespace

History::History(const std::filesystem::path& file)
    : file_(std::filesystem::absolute(file)), folder_(file_.string() + ".kept") {}

std::vector<KeptSnapshot> History::all() const {
  std::vector<KeptSnapshot> kept;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error))
    if (auto read = read_entry(entry.path())) kept.push_back(*std::move(read));
  if (error && error != std::errc::no_such_file_or_directory)
    throw base::IoError(error.value(), "listing {}", folder_.string());
  std::sort(kept.begin(), kept.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return kept;
}

bool History::is_in_place(const KeptSnapshot& kept) const {
  struct stat current {};
  struct stat other {};
  return ::stat(file_.c_str(), &current) == 0 && ::stat(kept.path.c_str(), &other) == 0 &&
         current.st_dev == other.st_dev && current.st_ino == other.st_ino;
}

std::vector<KeptSnapshot> History::list() const {
  std::vector<KeptSnapshot> kept = all();
  std::erase_if(kept, [&](const KeptSnapshot& entry) { return is_in_place(entry); });
  return kept;
}

void History::link_current(std::string_view ending) {
  const std::vector<KeptSnapshot> kept = all();
  const auto is_current = [&](const KeptSnapshot& entry) { return is_in_place(entry); };
  const auto found = std::find_if(kept.begin(), kept.end(), is_current);
  if (found != kept.end()) {
    rename_file(found->path, folder_ / name_of(found->number, ending));
    return;
  }
  constexpr mode_t kFolderMode = 0755;
  if (::mkdir(folder_.c_str(), kFolderMode) == 0) {
    base::give_to_owner_of(file_.parent_path(), folder_);
    base::sync_folder(file_.parent_path());
  } else if (errno != EEXIST) {
    throw base::IoError(errno, "making {}", folder_.string());
  }
  const std::uint32_t next = kept.empty() ? 1 : kept.back().number + 1;
  const std::filesystem::path entry = folder_ / name_of(next, ending);
  if (::link(file_.c_str(), entry.c_str()) != 0 && errno != ENOENT)
    throw base::IoError(errno, "linking {} to {}", file_.string(), entry.string());
  base::sync_folder(folder_);
}

void History::keep_current() {
  link_current({});
}

void History::withdraw_newer_than(const KeptSnapshot& target) {
  for (const KeptSnapshot& kept : list())
    if (kept.number > target.number && !kept.is_withdrawn)
      rename_file(kept.path, folder_ / name_of(kept.number, kWithdrawn));
  link_current(kWithdrawn);
}

void History::put_back(const KeptSnapshot& target) {
  const std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, base::replacement_time(file_)};
  // Where somebody else owns the file the time stays; that is no reason to stay with a bad one.
  [[maybe_unused]] const int ignored =
      ::utimensat(AT_FDCWD, target.path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW);
  rename_file(target.path, file_);
  base::sync_folder(file_.parent_path());
  base::sync_folder(folder_);
}

void History::forget_all_but(std::size_t count) {
  std::vector<KeptSnapshot> kept = all();
  std::reverse(kept.begin(), kept.end());
  std::size_t good = 0;
  std::size_t withdrawn = 0;
  for (const KeptSnapshot& entry : kept) {
    std::size_t& seen = entry.is_withdrawn ? withdrawn : good;
    if (is_in_place(entry) || ++seen > count) remove_file(entry.path);
  }
}

const KeptSnapshot* find_previous(const std::vector<KeptSnapshot>& kept) {
  const auto found = std::find_if(kept.rbegin(), kept.rend(),
                                  [](const KeptSnapshot& entry) { return !entry.is_withdrawn; });
  return found == kept.rend() ? nullptr : &*found;
}

const KeptSnapshot* find_kept(const std::vector<KeptSnapshot>& kept, std::uint32_t number) {
  const auto found = std::find_if(
      kept.begin(), kept.end(), [&](const KeptSnapshot& entry) { return entry.number == number; });
  return found == kept.end() ? nullptr : &*found;
}

}  // namespace mirrorway::cache_builder
