#include "admin/inventory/repository_plan.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "admin/json_fields.h"
#include "common/base/text.h"
#include "common/net/path.h"
#include "common/net/url.h"

namespace mirrorway::admin {
namespace {

using nlohmann::json;
using Texts = std::vector<std::string>;

constexpr std::size_t kMaxItems = 4096;  // of any list in the file

bool contains(const Texts& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

std::optional<Texts> optional_texts(JsonFields& fields, const char* key) {
  if (fields.find(key) == nullptr) return std::nullopt;
  return fields.texts(key, kMaxItems);
}

std::map<std::string, Texts> read_lists(JsonFields& fields, const char* key) {
  std::map<std::string, Texts> lists;
  const json* const object = fields.object(key, kMaxItems);
  if (object == nullptr) return lists;
  JsonFields members(*object);
  for (const auto& [name, list] : object->items())
    lists[name] = members.texts(name.c_str(), kMaxItems);
  if (members.problem()) fields.fail(base::refuse("{}: {}", key, members.problem()->reason));
  return lists;
}

std::map<std::string, std::string> read_aliases(JsonFields& fields) {
  std::map<std::string, std::string> aliases;
  const json* const object = fields.object("duplicated_versions", kMaxItems);
  if (object == nullptr) return aliases;
  JsonFields members(*object);
  for (const auto& [alias, full] : object->items())
    aliases[alias] = members.required_text(alias.c_str());
  if (members.problem())
    fields.fail(base::refuse("duplicated_versions: {}", members.problem()->reason));
  return aliases;
}

base::Parsed<RepositoryPattern> read_pattern(const json& item) {
  if (!item.is_object()) return base::refuse("no object");
  JsonFields fields(item);
  RepositoryPattern pattern;
  pattern.name = fields.required_text("name");
  pattern.path = fields.required_text("path");
  pattern.versions = optional_texts(fields, "versions");
  pattern.architectures = optional_texts(fields, "arches");
  pattern.is_vault = fields.flag("vault").value_or(false);
  if (fields.problem()) return *fields.problem();
  return pattern;
}

void read_patterns(JsonFields& fields, RepositoriesFile& file) {
  const json* const repos = fields.find("repos");
  if (repos == nullptr || !repos->is_array() || repos->size() > kMaxItems)
    return fields.fail(base::refuse("\"repos\" is no list of at most {} objects", kMaxItems));
  for (const json& item : *repos) {
    auto pattern = read_pattern(item);
    if (!pattern)
      return fields.fail(
          base::refuse("repos: entry {}: {}", file.repositories.size() + 1, pattern.reason()));
    file.repositories.push_back(*std::move(pattern));
  }
}

// One version with all that decides about its repositories.
struct Version {
  std::string text;
  std::string module;
  bool is_vault = false;
};

// Those of the mirrors (without aliases), of the modules and of the vault.
std::vector<Version> all_versions(const RepositoriesFile& file) {
  std::vector<Version> versions;
  for (const std::string& text : file.versions)
    if (!file.aliases.contains(text)) versions.push_back({text, "", false});
  for (const auto& [module, module_versions] : file.module_versions)
    for (const std::string& text : module_versions)
      versions.push_back({fmt::format("{}-{}", text, module), module, false});
  for (const std::string& text : file.vault_versions) versions.push_back({text, "", true});
  return versions;
}

// Listed under the version itself or under its major number.
const Texts* find_architectures(const RepositoriesFile& file, const std::string& version) {
  auto found = file.architectures.find(version);
  if (found == file.architectures.end())
    found = file.architectures.find(version.substr(0, version.find_first_of(".-")));
  return found == file.architectures.end() ? nullptr : &found->second;
}

class Planner {
 public:
  Planner(const RepositoriesFile& file, std::string_view top) : file_(file), top_(top) {}

  base::Parsed<RepositoryPlan> make() {
    for (const Version& version : all_versions(file_)) {
      for (const RepositoryPattern& pattern : file_.repositories) {
        if (pattern.versions && !contains(*pattern.versions, version.text)) continue;
        if (auto refusal = add_pattern(version, pattern)) return *std::move(refusal);
        if (plan_.repositories.size() > kMaxPlannedRepositories)
          return base::refuse("more than {} repositories", kMaxPlannedRepositories);
      }
    }
    add_redirects();
    return std::move(plan_);
  }

 private:
  std::optional<base::Refusal> add_pattern(const Version& version,
                                           const RepositoryPattern& pattern) {
    const std::size_t mark = pattern.path.find(net::kArchitectureVariable);
    if (mark == std::string::npos) return add(version, pattern, "source", pattern.path);
    const Texts* const listed = find_architectures(file_, version.text);
    if (listed == nullptr) {
      plan_.remarks.push_back(
          fmt::format("no architectures are listed for version {}: {}-{} is "
                      "left out",
                      version.text, pattern.name, version.text));
      return std::nullopt;
    }
    for (const std::string& architecture : *listed) {
      if (pattern.architectures && !contains(*pattern.architectures, architecture)) continue;
      std::string path = pattern.path;
      path.replace(mark, net::kArchitectureVariable.size(), architecture);
      if (auto refusal = add(version, pattern, architecture, path)) return refusal;
    }
    return std::nullopt;
  }

  std::optional<base::Refusal> add(const Version& version, const RepositoryPattern& pattern,
                                   const std::string& architecture, const std::string& path) {
    PlannedRepository planned;
    planned.name = base::lower_ascii(fmt::format("{}-{}", pattern.name, version.text));
    planned.architecture = architecture;
    planned.is_vault = pattern.is_vault || version.is_vault;
    // The vault keeps everything in one tree.
    if (!planned.is_vault) planned.module = version.module;
    const std::string top = planned.module.empty() ? top_ : top_ + "-" + planned.module;
    auto directory = net::parse_path(fmt::format("{}/{}/{}", top, version.text, path));
    if (!directory) return base::refuse("{}: {}", planned.name, directory.reason());
    planned.directory = *std::move(directory);
    if (names_.emplace(planned.name, architecture).second)
      plan_.repositories.push_back(std::move(planned));
    else
      plan_.remarks.push_back(
          fmt::format("{} for {} is listed twice; the first counts", planned.name, architecture));
    return std::nullopt;
  }

  void add_redirects() {
    std::set<std::string> names;
    for (const auto& [name, architecture] : names_) names.insert(name);
    for (const auto& [alias, full] : file_.aliases) {
      const std::string ending = "-" + base::lower_ascii(full);
      for (const std::string& name : names) {
        if (name.size() <= ending.size() || !name.ends_with(ending)) continue;
        const std::string stem = name.substr(0, name.size() - ending.size());
        std::string from = fmt::format("{}-{}", stem, base::lower_ascii(alias));
        if (!names.contains(from)) plan_.redirects.push_back({std::move(from), name});
      }
    }
  }

  const RepositoriesFile& file_;
  std::string top_;
  RepositoryPlan plan_;
  std::set<std::pair<std::string, std::string>> names_;
};

}  // namespace

base::Parsed<RepositoriesFile> parse_repositories_file(std::string_view text) {
  const auto object = parse_json_object(text);
  if (!object) return object.refusal();
  JsonFields fields(*object);
  RepositoriesFile file;
  file.required_schemes = fields.texts("required_protocols", kMaxItems);
  file.versions = fields.texts("versions", kMaxItems);
  file.aliases = read_aliases(fields);
  file.vault_versions = fields.texts("vault_versions", kMaxItems);
  file.module_versions = read_lists(fields, "optional_module_versions");
  file.architectures = read_lists(fields, "arches");
  read_patterns(fields, file);
  if (const std::string vault = fields.text("vault_mirror"); !vault.empty()) {
    auto url = net::parse_base_url(vault);
    if (url)
      file.vault_url = *std::move(url);
    else
      fields.fail(base::refuse("vault_mirror: {}", url.reason()));
  }
  const bool needs_vault =
      !file.vault_versions.empty() ||
      std::any_of(file.repositories.begin(), file.repositories.end(),
                  [](const RepositoryPattern& pattern) { return pattern.is_vault; });
  if (needs_vault && file.vault_url.empty())
    fields.fail(base::refuse(
        "\"vault_mirror\" is missing: nobody would have what only the vault is to have"));
  for (const std::string& scheme : file.required_schemes)
    if (!net::find_scheme(scheme))
      fields.fail(base::refuse("required_protocols: \"{}\" is no protocol of mirrors",
                               base::printable(scheme)));
  if (fields.problem()) return *fields.problem();
  return file;
}

base::Parsed<RepositoryPlan> plan_repositories(const RepositoriesFile& file,
                                               std::string_view top_directory) {
  return Planner(file, top_directory).make();
}

}  // namespace mirrorway::admin
