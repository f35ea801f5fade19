#include "common/answer/directory.h"

#include <algorithm>
#include <set>

#include "common/base/text.h"
#include "common/net/path.h"
#include "common/net/url.h"
#include "common/snapshot/limits.h"

namespace mirrorway::answer {
namespace {

using snapshot::Image;

// Beyond these a name is no misspelling, and comparing it would cost too much.
constexpr std::size_t kMaxComparedBytes = 64;
constexpr std::size_t kMaxComparedSiblings = 2000;

std::size_t tolerance(std::string_view name) {
  return std::max<std::size_t>(2, name.size() / 4);
}

// Keeps the closest names; equal distances in alphabetical order.
class CloseMatches {
 public:
  explicit CloseMatches(std::string_view wanted) : wanted_(base::lower_ascii(wanted)) {}

  // `shown` is only built for a name that is close.
  template <typename Show>
  void offer(std::string_view name, std::size_t handicap, const Show& shown) {
    if (wanted_.size() > kMaxComparedBytes || name.size() > kMaxComparedBytes) return;
    const std::size_t limit = tolerance(wanted_);
    const std::size_t distance = base::edit_distance(wanted_, base::lower_ascii(name), limit);
    if (distance > limit) return;
    found_.emplace(distance + handicap, shown());
    if (found_.size() > kMaxCloseMatches) found_.erase(std::prev(found_.end()));
  }

  std::vector<std::string> take() && {
    std::vector<std::string> names;
    for (const auto& [distance, name] : found_) names.push_back(name);
    return names;
  }

 private:
  std::string wanted_;
  std::set<std::pair<std::size_t, std::string>> found_;
};

std::vector<std::string> close_repositories(const Image& image, const Subject& subject) {
  CloseMatches matches(subject.repository);
  for (const snapshot::RepositoryRecord& repository : image.repositories()) {
    if (repository.is_disabled) continue;
    const std::string_view name = image.text(repository.name);
    const std::string_view architecture = image.text(repository.architecture);
    matches.offer(name, architecture == subject.architecture ? 0 : 1,
                  [&] { return fmt::format("repo={}&arch={}", name, architecture); });
  }
  return std::move(matches).take();
}

// The deepest known directory above the path, "" when there is none: directories are sorted by
// path, and those below a path stand together.
std::string_view deepest_known(const Image& image, std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
    const auto directories = image.directories();
    const auto at = std::lower_bound(directories.begin(), directories.end(), path,
                                     [&](const snapshot::DirectoryRecord& d, std::string_view p) {
                                       return image.text(d.path) < p;
                                     });
    if (at != directories.end() && net::is_at_or_below(image.text(at->path), path)) return path;
  }
  return path;
}

std::vector<std::string> close_paths(const Image& image, const Subject& subject) {
  const std::string_view above = deepest_known(image, subject.path);
  const std::size_t begin = above.empty() ? 0 : above.size() + 1;
  const std::string_view rest = std::string_view(subject.path).substr(begin);
  CloseMatches matches(rest.substr(0, rest.find('/')));

  const auto directories = image.directories();
  const auto first_not_before = [&](const std::string& path) {
    return std::lower_bound(directories.begin(), directories.end(), path,
                            [&](const snapshot::DirectoryRecord& d, const std::string& p) {
                              return image.text(d.path) < p;
                            });
  };
  // From one child to the next over everything below it: '0' is the character after '/'.
  auto at = first_not_before(above.empty() ? std::string() : std::string(above) + '/');
  for (std::size_t seen = 0; at != directories.end() && seen < kMaxComparedSiblings; ++seen) {
    const std::string_view path = image.text(at->path);
    if (!net::is_at_or_below(path, above)) break;
    const std::string child(path.substr(0, path.find('/', begin)));
    if (child.size() > begin)
      matches.offer(std::string_view(child).substr(begin), 0, [&] { return std::string(child); });
    at = first_not_before(child + '0');
  }
  return std::move(matches).take();
}

// The part below the category's top directory with the client's word for its architecture in place
// of the architecture's name, encoded, as a target's tail.
std::string tail_of_any(const Image& image, const snapshot::RepositoryRecord& repository) {
  const auto& directory = image.directories()[repository.directory];
  std::string tail = "/";
  for (const std::string_view segment : base::split(image.subpath(directory), '/')) {
    if (segment == image.text(repository.architecture)) {
      tail += net::kArchitectureVariable;
    } else {
      net::append_encoded_path(segment, tail);
    }
    if (!segment.empty()) tail += '/';
  }
  return tail;
}

// All architectures of the repository must differ in the name of the architecture alone.
std::variant<Target, Disabled, NotFound> find_any_architecture(const Image& image,
                                                               const Subject& subject) {
  Target target;
  bool is_disabled = false;
  for (const auto& repository : image.repositories_named(subject.repository)) {
    is_disabled = is_disabled || repository.is_disabled;
    if (repository.is_disabled) continue;
    std::string tail = tail_of_any(image, repository);
    const auto category = image.directories()[repository.directory].category;
    const bool is_first = target.directories.empty();
    if (!is_first && (tail != target.tail ||
                      category != image.directories()[target.directories.front()].category))
      return NotFound{close_repositories(image, subject)};
    target.tail = std::move(tail);
    target.directories.push_back(repository.directory);
  }
  if (!target.directories.empty()) return target;
  if (is_disabled) return Disabled{};
  return NotFound{close_repositories(image, subject)};
}

}  // namespace

Target make_target(const Image& image, snapshot::DirectoryIndex directory, std::string file) {
  std::string tail = "/";
  const std::string_view subpath = image.subpath(image.directories()[directory]);
  net::append_encoded_path(subpath, tail);
  if (!subpath.empty()) tail += '/';
  net::append_encoded_path(file, tail);
  return {{directory}, std::move(file), std::move(tail)};
}

const snapshot::FileRecord* find_file(const Image& image, const Target& target) {
  return target.file.empty()
             ? nullptr
             : image.find_file(image.directories()[target.directories.front()], target.file);
}

base::Parsed<Subject> subject_of(const Image& image, const proto::LookupRequest& request) {
  Subject subject;
  if (!request.path().empty()) {
    auto path = net::parse_path(request.path());
    if (!path) return path.refusal();
    subject.path = *std::move(path);
    return subject;
  }
  if (request.repository().empty() || request.architecture().empty())
    return base::refuse("either path=, or repo= and arch= must be given");
  for (const std::string& name : {request.repository(), request.architecture()}) {
    if (name.size() > snapshot::kMaxNameBytes || !base::is_one_line(name))
      return base::refuse("\"{}\" is no name of a repository or architecture",
                          base::printable(name, 60));
  }
  subject.repository = image.follow_redirects(request.repository());
  // MirrorManager looks at the name before it follows redirects.
  const auto says_source = [](const std::string& name) {
    return name.find("source") != std::string::npos;
  };
  const bool is_source = says_source(request.repository()) || says_source(subject.repository);
  subject.architecture = is_source ? "source" : request.architecture();
  return subject;
}

std::variant<Target, Disabled, NotFound> find_target(const Image& image, const Subject& subject) {
  if (!subject.repository.empty()) {
    // Clients that are to fill in their own; AlmaLinux's lists count on it.
    if (subject.architecture == net::kArchitectureVariable)
      return find_any_architecture(image, subject);
    const auto* repository = image.find_repository(subject.repository, subject.architecture);
    if (repository == nullptr) return NotFound{close_repositories(image, subject)};
    if (repository->is_disabled) return Disabled{};
    return make_target(image, repository->directory, {});
  }
  if (const auto directory = image.find_directory(subject.path))
    return make_target(image, *directory, {});
  const std::size_t slash = subject.path.rfind('/');
  const std::string_view parent =
      std::string_view(subject.path).substr(0, slash == std::string::npos ? 0 : slash);
  if (const auto directory = image.find_directory(parent))
    return make_target(image, *directory, subject.path.substr(slash + 1));
  return NotFound{close_paths(image, subject)};
}

}  // namespace mirrorway::answer
