#include "common/answer/plan.h"

#include <fmt/format.h>

#include "common/answer/file_facts.h"

namespace mirrorway::answer {
namespace {

// Where a repository's metadata start; what its metalink is of.
constexpr std::string_view kMetadataFolder = "repodata";
constexpr std::string_view kMetadataFile = "repomd.xml";

// The file that a metalink for the target is of; nullopt when there is none.
std::optional<Target> metalink_target(const snapshot::Image& image, const Subject& subject,
                                      const Target& target) {
  if (!target.file.empty()) return target;
  if (subject.repository.empty() || target.directories.size() != 1) return std::nullopt;
  std::string path(image.text(image.directories()[target.directories.front()].path));
  if (!path.empty()) path += '/';
  const auto metadata = image.find_directory(path.append(kMetadataFolder));
  if (!metadata) return std::nullopt;
  return make_target(image, *metadata, std::string(kMetadataFile));
}

bool knows_digest(const snapshot::Image& image, const Target& target, snapshot::Digest digest) {
  const auto* file = find_file(image, target);
  return file != nullptr && !image.digest(image.versions(*file).front(), digest).empty();
}

bool knows_any_digest(const snapshot::Image& image, const Target& target) {
  const auto* file = find_file(image, target);
  return file != nullptr && has_digest(image, *file);
}

// `request.path` is without the ending, `request.form` what the ending stands for.
std::optional<Plan> plan_ending(const snapshot::Image& image, const proto::LookupRequest& request,
                                const Subject& subject, const Target& target) {
  Subject whole = subject;
  whole.path += request.ending();
  auto found = find_target(image, whole);
  auto* with_ending = std::get_if<Target>(&found);
  if (with_ending == nullptr) return std::nullopt;
  Plan file_itself{proto::REDIRECT, std::move(*with_ending)};
  const bool is_itself = target.file.empty() || file_itself.target.file.empty() ||
                         find_file(image, file_itself.target) != nullptr;
  if (is_itself) return file_itself;
  const auto digest = digest_of_form(request.form());
  if (digest && !knows_digest(image, target, *digest)) return file_itself;
  if (request.form() == proto::METALINK && !knows_any_digest(image, target)) return file_itself;
  return Plan{request.form(), target};
}

}  // namespace

std::optional<Plan> plan_answer(const snapshot::Image& image, const proto::LookupRequest& request,
                                const Subject& subject, const Target& target) {
  if (!request.ending().empty()) return plan_ending(image, request, subject, target);
  const proto::Form form = request.form();
  if (const auto digest = digest_of_form(form); digest && !knows_digest(image, target, *digest))
    return Plan{proto::REDIRECT, target};
  if (form != proto::METALINK && form != proto::METALINK4) return Plan{form, target};
  auto of = metalink_target(image, subject, target);
  // Version 4 gets along without digests; but of a repository's metadata they are the whole point.
  const bool needs_digests = form == proto::METALINK || subject.path.empty();
  if (of && (!needs_digests || knows_any_digest(image, *of))) return Plan{form, *std::move(of)};
  // Whoever asks for a file by its URL and would also take a metalink still gets the file.
  if (!request.url_path().empty()) return Plan{proto::REDIRECT, target};
  return std::nullopt;
}

std::string missing_metalink(const snapshot::Image& image, const Subject& subject,
                             const Target& target) {
  const std::string_view directory =
      image.text(image.directories()[target.directories.front()].path);
  const std::string file = subject.repository.empty()
                               ? subject.path
                               : fmt::format("{}/{}/{}", directory, kMetadataFolder, kMetadataFile);
  return file + " not found or has not metalink\n";
}

}  // namespace mirrorway::answer
