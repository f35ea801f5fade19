#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>

#include "admin/importing.h"
#include "admin/mirrormanager/move.h"
#include "common/catalog/redirects.h"
#include "common/net/path.h"

namespace mirrorway::admin {
namespace {

namespace mm = catalog::mirrormanager;
using catalog::Carriage;
using catalog::Category;
using catalog::Directory;
using catalog::DirectoryId;
using catalog::DirectoryState;
using catalog::FileDetail;
using catalog::Redirect;
using catalog::Repository;

bool is_same_version(const FileDetail& a, const FileDetail& b) {
  return a.timestamp == b.timestamp && a.size == b.size && a.sha256 == b.sha256;
}

class ContentMover {
 public:
  explicit ContentMover(const Move& move) : move_(move) {}

  void run() {
    write_directories();
    write_states();
    write_repositories();
    write_redirects();
    write_files();
  }

 private:
  // Of the categories that a directory is in, that with the longest top directory above it.
  struct Place {
    std::string path;
    const Category* category = nullptr;
  };

  std::map<std::int64_t, Place> read_places() {
    std::map<std::int64_t, Place> places;
    std::set<std::int64_t> refused;
    for (const mm::Directory& row : move_.source.directories()) {
      const auto path = net::parse_path(row.path);
      const Category* const category = find_row(move_.moved.categories, row.category);
      if (!path) {
        if (refused.insert(row.id).second)
          remarks().add("directories left out, as their paths cannot be paths", "{}",
                        base::shown(row.path));
        continue;
      }
      if (category == nullptr) continue;
      if (!net::is_at_or_below(*path, category->top_directory)) {
        remarks().add("directories are not below the top of a category that they are in", "{}",
                      base::shown(row.path));
        continue;
      }
      Place& place = places[row.id];
      if (place.category == nullptr ||
          place.category->top_directory.size() < category->top_directory.size())
        place = {*path, category};
    }
    return places;
  }

  void write_directories() {
    std::unordered_map<std::string, Directory> existing;
    for (Directory& directory : move_.writer.directories()) {
      category_of_.emplace(directory.id, directory.category);
      existing.emplace(directory.path, std::move(directory));
    }
    std::unordered_map<std::string, Directory> written;
    const auto places = read_places();
    std::size_t done = 0;
    for (const auto& [id, place] : places) {
      move_.tell("moving directories", done++, places.size());
      if (const Directory* const twice = find_row(written, place.path)) {
        remarks().add("directories come twice", "{}", base::shown(place.path));
        move_.moved.directories.emplace(id, *twice);
        continue;
      }
      const Directory* const known = find_row(existing, place.path);
      Directory wanted{known == nullptr ? DirectoryId{} : known->id, place.path,
                       place.category->id};
      settle(move_.writer, known, wanted, move_.report.directories);
      move_.moved.directories.emplace(id, wanted);
      written.emplace(place.path, std::move(wanted));
    }
  }

  // They come carriage by carriage; one carriage at a time is in memory.
  void write_states() {
    std::unordered_set<std::int64_t> without;  // carriages that no row has come of
    for (const auto& [id, carriage] : move_.moved.carriages) without.insert(id);
    std::int64_t current = 0;
    std::vector<DirectoryState> states;
    std::size_t strangers = 0;
    std::size_t done = 0;
    move_.source.for_each_state([&](const mm::DirectoryState& row) {
      if (row.carriage != current) {
        write_states_of(std::exchange(current, row.carriage), states);
        without.erase(current);
        move_.tell("moving states of directories", done++, move_.moved.carriages.size());
      }
      const Carriage* const carriage = find_row(move_.moved.carriages, row.carriage);
      const Directory* const directory = find_row(move_.moved.directories, row.directory);
      if (carriage == nullptr || directory == nullptr || directory->category != carriage->category)
        ++strangers;
      else
        states.push_back({directory->id, row.is_up_to_date});
    });
    write_states_of(current, states);
    for (const std::int64_t carriage : without) write_states_of(carriage, states);
    remarks().add_count(
        "states of directories left out, as host, directory or category was, or the directory is "
        "in another category",
        strangers);
  }

  // A directory may come twice; that it is there in either is enough, as for MirrorManager.
  void write_states_of(std::int64_t id, std::vector<DirectoryState>& states) {
    const Carriage* const carriage = find_row(move_.moved.carriages, id);
    if (carriage == nullptr) return;  // it was left out, and its states with it
    std::sort(states.begin(), states.end(), [](const auto& a, const auto& b) {
      return std::pair(a.directory, b.is_up_to_date) < std::pair(b.directory, a.is_up_to_date);
    });
    states.erase(
        std::unique(states.begin(), states.end(),
                    [](const auto& a, const auto& b) { return a.directory == b.directory; }),
        states.end());
    const auto changes = move_.writer.replace_states(carriage->id, states);
    move_.report.states += states.size();
    move_.report.written_states += changes.written;
    move_.report.forgotten_states += changes.forgotten;
    states.clear();
  }

  void write_repositories() {
    std::map<std::pair<std::string, std::string>, Repository> existing;
    for (Repository& repository : move_.writer.repositories())
      existing.emplace(std::pair(repository.name, repository.architecture), repository);
    std::set<std::pair<std::string, std::string>> listed;
    std::set<std::pair<std::string, std::string>> taken;
    for (const mm::Repository& row : move_.source.repositories()) {
      const Directory* const directory =
          row.directory ? find_row(move_.moved.directories, *row.directory) : nullptr;
      const std::pair key{RowReader::name_of(row.prefix), RowReader::name_of(row.architecture)};
      listed.insert(key);
      if (!is_word(key.first) || !is_word(key.second)) {
        remarks().add("repositories left out, as name or architecture cannot be one", "{} {}",
                      base::shown(row.prefix), base::shown(row.architecture));
      } else if (directory == nullptr) {
        remarks().add("repositories left out, as their directory is unknown or left out", "{} {}",
                      base::shown(row.prefix), base::shown(row.architecture));
      } else if (!taken.insert(key).second) {
        remarks().add("repositories left out, as another has their name and architecture", "{} {}",
                      base::shown(row.prefix), base::shown(row.architecture));
      } else {
        const Repository* const known = find_row(existing, key);
        Repository wanted{known == nullptr ? catalog::RepositoryId{} : known->id, key.first,
                          key.second, directory->id, row.is_disabled};
        settle(move_.writer, known, wanted, move_.report.repositories);
      }
    }
    for (const auto& [key, repository] : existing)
      if (!listed.contains(key) && is_of_ours(repository))
        move_.report.kept_repositories.push_back(fmt::format("{} {}", key.first, key.second));
    move_.report.repositories.kept = move_.report.kept_repositories.size();
  }

  // Whether its directory is in a category that was read.
  bool is_of_ours(const Repository& repository) const {
    const auto found = category_of_.find(repository.directory);
    return found != category_of_.end() &&
           std::any_of(move_.moved.categories.begin(), move_.moved.categories.end(),
                       [&](const auto& moved) { return moved.second.id == found->second; });
  }

  static bool is_word(const std::string& name) {
    return !name.empty() && name.find(' ') == std::string::npos;
  }

  // One that would close a circle with the others, or make a chain too long, is left out. That the
  // catalog still has what a later row replaces keeps none out: they are tried until no more fits.
  void write_redirects() {
    std::map<std::string, std::string> redirects;
    for (const Redirect& redirect : move_.writer.redirects())
      redirects.emplace(redirect.from, redirect.to);
    std::vector<mm::Pair> left = move_.source.redirects();
    for (std::size_t before = left.size() + 1; left.size() < before;) {
      before = left.size();
      std::vector<mm::Pair> refused;
      for (mm::Pair& row : left)
        if (!write_redirect({RowReader::name_of(row.key), RowReader::name_of(row.value)},
                            redirects))
          refused.push_back(std::move(row));
      left = std::move(refused);
    }
    for (const mm::Pair& row : left)
      remarks().add(
          "redirects left out, as a name cannot be one, or they run in a loop or are "
          "too deep",
          "{} to {}", base::shown(row.key), base::shown(row.value));
  }

  // Into the catalog and into `redirects`, which is all of them; false when it does not fit there.
  bool write_redirect(const Redirect& wanted, std::map<std::string, std::string>& redirects) {
    if (!is_word(wanted.from) || !is_word(wanted.to) || wanted.from == wanted.to) return false;
    auto tried = redirects;
    tried.insert_or_assign(wanted.from, wanted.to);
    std::vector<Redirect> all;
    all.reserve(tried.size());
    for (const auto& [from, to] : tried) all.push_back({from, to});
    if (catalog::find_redirect_problem(all)) return false;
    const std::string* const known = find_row(redirects, wanted.from);
    settle_pair(move_.writer, known, known != nullptr && *known == wanted.to, wanted,
                move_.report.redirects);
    redirects = std::move(tried);
    return true;
  }

  // Of a file that MirrorManager knows, its versions are those that it knows.
  void write_files() {
    using Versions = std::vector<FileDetail>;
    std::map<std::pair<DirectoryId, std::string>, Versions> existing;
    move_.writer.for_each_file([&](const FileDetail& file) {
      existing[{file.directory, file.name}].push_back(file);
    });
    std::map<std::pair<DirectoryId, std::string>, Versions> wanted;
    for (const mm::File& row : move_.source.files()) {
      const Directory* const directory = find_row(move_.moved.directories, row.directory);
      if (directory == nullptr) {
        remarks().add("files left out, as their directory is", "{}", base::shown(row.name));
        continue;
      }
      auto file = move_.rows.file(row, directory->path);
      if (!file) continue;
      file->directory = directory->id;
      Versions& versions = wanted[{file->directory, file->name}];
      if (std::none_of(versions.begin(), versions.end(),
                       [&](const FileDetail& other) { return is_same_version(*file, other); }))
        versions.push_back(*std::move(file));
    }
    std::size_t done = 0;
    for (const auto& [name, versions] : wanted) {
      move_.tell("moving files", done++, wanted.size());
      write_versions(existing[name], versions);
    }
  }

  void write_versions(const std::vector<FileDetail>& existing,
                      const std::vector<FileDetail>& wanted) {
    for (const FileDetail& file : existing)
      if (std::find(wanted.begin(), wanted.end(), file) == wanted.end()) move_.writer.remove(file);
    for (const FileDetail& file : wanted) {
      if (std::find(existing.begin(), existing.end(), file) != existing.end()) {
        ++move_.report.files.unchanged;
        continue;
      }
      move_.writer.insert(file);
      const bool was_there =
          std::any_of(existing.begin(), existing.end(),
                      [&](const FileDetail& other) { return is_same_version(file, other); });
      ++(was_there ? move_.report.files.updated : move_.report.files.added);
    }
  }

  base::Remarks& remarks() { return move_.report.remarks; }

  const Move& move_;
  // Of the directories that the catalog had before.
  std::unordered_map<DirectoryId, catalog::CategoryId> category_of_;
};

}  // namespace

void move_content(const Move& move) {
  ContentMover(move).run();
}

}  // namespace mirrorway::admin
