// Which directories, repositories and redirects a distribution has, from its repositories file. The
// format's page is proto/INVENTORY.md.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/parsed.h"

namespace mirrorway::admin {

inline constexpr std::size_t kMaxRepositoriesFileBytes = 4 << 20;
inline constexpr std::size_t kMaxPlannedRepositories = 100'000;

struct RepositoryPattern {
  std::string name;
  std::string path;                                  // with $basearch, or without it
  std::optional<std::vector<std::string>> versions;  // nullopt: all
  std::optional<std::vector<std::string>> architectures;
  bool is_vault = false;
};

struct RepositoriesFile {
  std::vector<std::string> required_schemes;
  std::vector<std::string> versions;           // aliases are among them
  std::map<std::string, std::string> aliases;  // alias to full version
  std::vector<std::string> vault_versions;
  std::string vault_url;  // one spelling; empty when there is no vault
  std::map<std::string, std::vector<std::string>> module_versions;  // module to versions
  std::map<std::string, std::vector<std::string>> architectures;    // by version or its major
  std::vector<RepositoryPattern> repositories;
};

base::Parsed<RepositoriesFile> parse_repositories_file(std::string_view text);

struct PlannedRepository {
  std::string name;
  std::string architecture;
  std::string directory;  // net::is_path
  std::string module;     // whose category it is in; empty for the main one
  bool is_vault = false;
};

struct PlannedRedirect {
  std::string from;
  std::string to;
};

struct RepositoryPlan {
  std::vector<PlannedRepository> repositories;
  std::vector<PlannedRedirect> redirects;
  std::vector<std::string> remarks;
};

// `top_directory` is the main category's; that of a module's is "{top_directory}-{module}".
// Refuses a plan of more than kMaxPlannedRepositories.
base::Parsed<RepositoryPlan> plan_repositories(const RepositoriesFile& file,
                                               std::string_view top_directory);

}  // namespace mirrorway::admin
