#include "admin/inventory/import.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "admin/inventory/lines.h"
#include "admin/netblock_remarks.h"
#include "common/base/text.h"
#include "common/net/path.h"
#include "common/net/special_purpose.h"
#include "common/net/url.h"

namespace mirrorway::admin {
namespace {

using catalog::Carriage;
using catalog::CarriageId;
using catalog::Category;
using catalog::CategoryId;
using catalog::Directory;
using catalog::DirectoryId;
using catalog::Host;
using catalog::HostId;
using catalog::Redirect;
using catalog::Repository;
using catalog::Site;
using catalog::SiteId;

bool has_required_scheme(const InventoryMirror& mirror, const std::vector<std::string>& required) {
  return required.empty() ||
         std::any_of(mirror.urls.begin(), mirror.urls.end(), [&](const std::string& url) {
           const auto scheme = net::scheme_name(*net::scheme_of(url));
           return std::any_of(required.begin(), required.end(), [&](const std::string& name) {
             return base::equal_ignoring_case(name, scheme);
           });
         });
}

class Import {
 public:
  Import(catalog::CatalogWriter& writer, const ImportInput& input)
      : writer_(writer), input_(input) {
    for (Site& site : writer.sites()) sites_.emplace(site.name, std::move(site));
    for (Host& host : writer.hosts()) hosts_.emplace(host.name, std::move(host));
    for (Carriage& carriage : writer.carriages())
      carriages_.emplace(std::pair(carriage.host, carriage.category), std::move(carriage));
    for (Category& category : writer.categories())
      categories_.emplace(category.name, std::move(category));
  }

  ImportReport run() {
    read_lines();
    const CategoryId main = need_category(input_.category, input_.top_directory);
    top_ = categories_.at(input_.category).top_directory;
    const auto plan =
        plan_repositories(input_.repositories, top_).or_throw("the repositories file");
    report_.plan_remarks = plan.remarks;
    std::size_t written = 0;
    for (const auto& [line, mirror] : mirrors_) {
      if (input_.progress) input_.progress(written++, mirrors_.size());
      write_mirror(line, mirror, main);
    }
    if (!input_.repositories.vault_url.empty()) write_vault(main);
    count_kept_hosts(main);
    write_plan(plan, main);
    report_.network_remarks = network_remarks(writer_, hosts_of_inventory_);
    return std::move(report_);
  }

 private:
  void read_lines() {
    std::size_t number = 0;
    for (const std::string_view line : base::split(input_.inventory, '\n')) {
      ++number;
      if (base::trim(line).empty()) continue;
      ++report_.read;
      if (auto refusal = read_line(number, line))
        report_.refused.push_back({number, std::move(refusal->reason)});
    }
  }

  std::optional<base::Refusal> read_line(std::size_t number, std::string_view line) {
    auto parsed = parse_inventory_line(line);
    if (!parsed) return parsed.refusal();
    InventoryMirror mirror = *std::move(parsed);
    if (!has_required_scheme(mirror, input_.repositories.required_schemes))
      return base::refuse("mirror {} has no URL in a required protocol ({})", mirror.name,
                          fmt::join(input_.repositories.required_schemes, ", "));
    if (hosts_.count(mirror.name) > 1)
      return base::refuse("several sites in the catalog have a host {}", mirror.name);
    const auto [first, is_new] = line_of_name_.emplace(mirror.name, number);
    if (!is_new) return base::refuse("mirror {} is on line {} already", mirror.name, first->second);
    mirrors_.emplace_back(number, std::move(mirror));
    return std::nullopt;
  }

  CategoryId need_category(const std::string& name, const std::string& top) {
    const auto found = categories_.find(name);
    if (found == categories_.end()) {
      Category category{
          {}, name, net::parse_path(top.empty() ? name : top).or_throw("--top-directory")};
      category.id = writer_.insert(category);
      return categories_.emplace(name, category).first->second.id;
    }
    if (!top.empty() &&
        found->second.top_directory != net::parse_path(top).or_throw("--top-directory"))
      throw base::Error("category {} has the top directory {} in the catalog, not {}", name,
                        found->second.top_directory, top);
    return found->second.id;
  }

  CategoryId need_module_category(const std::string& module) {
    return need_category(fmt::format("{}-{}", input_.category, module),
                         fmt::format("{}-{}", top_, module));
  }

  SiteId write_site(const std::string& name, const std::string& url) {
    const auto found = sites_.find(name);
    Site wanted = found == sites_.end() ? Site{} : found->second;
    // A site with several mirrors is counted once: the first line that states its URL counts.
    const bool is_first = named_sites_.insert(name).second;
    const bool states_url = !url.empty() && sites_with_url_.insert(name).second;
    if (!is_first && !states_url) return wanted.id;
    wanted.name = name;
    if (states_url) wanted.url = url;
    Tally discarded;
    settle(writer_, found == sites_.end() ? nullptr : &found->second, wanted,
           is_first ? report_.sites : discarded);
    sites_.insert_or_assign(name, wanted);
    return wanted.id;
  }

  // What the line does not state stays as the catalog has it.
  HostId write_host(std::size_t line, SiteId site, const InventoryMirror& mirror) {
    const auto found = hosts_.find(mirror.name);
    Host wanted = found == hosts_.end() ? Host{} : found->second;
    wanted.site = site;
    wanted.name = mirror.name;
    if (mirror.is_private) wanted.is_private = *mirror.is_private;
    if (mirror.is_monopoly) wanted.is_monopoly = *mirror.is_monopoly;
    if (mirror.country) wanted.country = mirror.country;
    if (!mirror.city.empty()) wanted.city = mirror.city;
    if (mirror.client_asns) wanted.client_asns = *mirror.client_asns;
    if (mirror.netblocks) set_netblocks(line, *mirror.netblocks, wanted);
    if (mirror.clouds) wanted.clouds = *mirror.clouds;
    settle(writer_, found == hosts_.end() ? nullptr : &found->second, wanted, report_.hosts);
    if (!wanted.country) ++report_.without_country;
    if (wanted.is_private && wanted.client_asns.empty() && wanted.netblocks.empty() &&
        wanted.clouds.empty() && !(wanted.asn && wanted.serves_own_asn))
      report_.never_answered.push_back(wanted.name);
    return wanted.id;
  }

  // The word that a host may have any is the catalog's, so that no import takes it back.
  void set_netblocks(std::size_t line, const std::vector<net::Prefix>& netblocks, Host& wanted) {
    wanted.netblocks.clear();
    for (const net::Prefix& netblock : netblocks) {
      const auto problem = net::find_netblock_problem(netblock);
      if (problem && input_.allows_any_netblocks) wanted.any_netblocks = true;
      if (!problem || wanted.any_netblocks) {
        wanted.netblocks.push_back(netblock);
      } else {
        report_.remarks.push_back(
            {line, fmt::format("{}: netblock {} is {} and left out; \"--any-netblocks\", or "
                               "any_netblocks=yes of the host, lets it in",
                               wanted.name, netblock.text(), *problem)});
      }
    }
  }

  CarriageId write_carriage(HostId host, CategoryId category, std::vector<std::string> urls) {
    const auto found = carriages_.find({host, category});
    Carriage wanted = found == carriages_.end() ? Carriage{} : found->second;
    wanted.host = host;
    wanted.category = category;
    wanted.urls = std::move(urls);
    Tally discarded;
    settle(writer_, found == carriages_.end() ? nullptr : &found->second, wanted, discarded);
    return wanted.id;
  }

  void write_mirror(std::size_t line, const InventoryMirror& mirror, CategoryId main) {
    for (const std::string& remark : mirror.remarks)
      report_.remarks.push_back({line, fmt::format("{}: {}", mirror.name, remark)});
    const HostId host = write_host(line, write_site(mirror.site, mirror.site_url), mirror);
    hosts_of_inventory_.push_back(host);
    carriers_[""].push_back(write_carriage(host, main, mirror.urls));
    for (const auto& [module, urls] : mirror.modules) {
      if (!input_.repositories.module_versions.contains(module)) {
        report_.remarks.push_back(
            {line, fmt::format("{}: module {} has no versions and is left out", mirror.name,
                               base::printable(module))});
        continue;
      }
      carriers_[module].push_back(write_carriage(host, need_module_category(module), urls));
    }
  }

  void write_vault(CategoryId main) {
    const std::string& url = input_.repositories.vault_url;
    const std::size_t begin = url.find("://") + 3;
    InventoryMirror vault;
    vault.name = url.substr(begin, url.find_first_of(":/", begin) - begin);
    if (line_of_name_.contains(vault.name))
      throw base::Error("the vault {} is also a mirror, on line {}", vault.name,
                        line_of_name_.at(vault.name));
    line_of_name_.emplace(vault.name, 0);
    const std::size_t without_country = report_.without_country;
    const HostId host = write_host(0, write_site(vault.name, ""), vault);
    report_.without_country = without_country;  // counts mirrors
    vault_ = write_carriage(host, main, {url});
  }

  void count_kept_hosts(CategoryId main) {
    for (const auto& [name, host] : hosts_)
      if (carriages_.contains({host.id, main}) && !line_of_name_.contains(name))
        report_.kept_hosts.push_back(name);
    report_.hosts.kept = report_.kept_hosts.size();
  }

  void write_plan(const RepositoryPlan& plan, CategoryId main) {
    std::map<std::string, Directory> directories;
    for (Directory& directory : writer_.directories())
      directories.emplace(directory.path, std::move(directory));
    std::map<std::pair<std::string, std::string>, Repository> repositories;
    for (Repository& repository : writer_.repositories())
      repositories.emplace(std::pair(repository.name, repository.architecture), repository);

    std::set<CategoryId> categories{main};
    std::map<std::string, std::vector<DirectoryId>> chosen;  // by module
    std::vector<DirectoryId> vault;
    std::set<std::string> planned_paths;
    std::set<std::pair<std::string, std::string>> planned_names;
    for (const PlannedRepository& planned : plan.repositories) {
      const CategoryId category =
          planned.module.empty() ? main : need_module_category(planned.module);
      categories.insert(category);
      auto& group = planned.is_vault ? vault : chosen[planned.module];
      const DirectoryId root =
          write_directory(planned.directory, category, directories, planned_paths, group);
      write_directory(planned.directory + "/repodata", category, directories, planned_paths, group);
      write_repository(planned, root, repositories);
      planned_names.emplace(planned.name, planned.architecture);
    }
    write_redirects(plan);
    for (const auto& [module, ids] : chosen) writer_.mark_up_to_date(carriers_[module], ids);
    if (vault_) writer_.restrict_to(*vault_, vault);
    count_kept(directories, planned_paths, repositories, planned_names, categories);
  }

  DirectoryId write_directory(const std::string& path, CategoryId category,
                              std::map<std::string, Directory>& directories,
                              std::set<std::string>& planned, std::vector<DirectoryId>& group) {
    const auto found = directories.find(path);
    Directory wanted{found == directories.end() ? DirectoryId{} : found->second.id, path, category};
    // Two repositories may lie in one directory; it is counted and chosen once.
    if (!planned.insert(path).second) return wanted.id;
    settle(writer_, found == directories.end() ? nullptr : &found->second, wanted,
           report_.directories);
    directories.insert_or_assign(path, wanted);
    group.push_back(wanted.id);
    return wanted.id;
  }

  template <typename Existing>
  void write_repository(const PlannedRepository& planned, DirectoryId directory,
                        const Existing& existing) {
    const auto found = existing.find({planned.name, planned.architecture});
    Repository wanted = found == existing.end() ? Repository{} : found->second;
    wanted.name = planned.name;
    wanted.architecture = planned.architecture;
    wanted.directory = directory;
    settle(writer_, found == existing.end() ? nullptr : &found->second, wanted,
           report_.repositories);
  }

  void write_redirects(const RepositoryPlan& plan) {
    std::map<std::string, std::string> existing;
    for (const Redirect& redirect : writer_.redirects())
      existing.emplace(redirect.from, redirect.to);
    for (const PlannedRedirect& planned : plan.redirects) {
      const auto found = existing.find(planned.from);
      if (found == existing.end()) {
        writer_.insert(Redirect{planned.from, planned.to});
        ++report_.redirects.added;
      } else if (found->second != planned.to) {
        writer_.update(Redirect{planned.from, planned.to});
        ++report_.redirects.updated;
      } else {
        ++report_.redirects.unchanged;
      }
    }
  }

  template <typename Repositories, typename Names>
  void count_kept(const std::map<std::string, Directory>& directories,
                  const std::set<std::string>& planned_paths, const Repositories& repositories,
                  const Names& planned_names, const std::set<CategoryId>& categories) {
    std::set<DirectoryId> ours;
    for (const auto& [path, directory] : directories) {
      if (!categories.contains(directory.category)) continue;
      ours.insert(directory.id);
      if (!planned_paths.contains(path)) ++report_.directories.kept;
    }
    for (const auto& [name, repository] : repositories)
      if (ours.contains(repository.directory) && !planned_names.contains(name))
        ++report_.repositories.kept;
  }

  catalog::CatalogWriter& writer_;
  const ImportInput& input_;
  ImportReport report_;
  std::string top_;
  std::map<std::string, Site> sites_;
  std::multimap<std::string, Host> hosts_;
  std::map<std::pair<HostId, CategoryId>, Carriage> carriages_;
  std::map<std::string, Category> categories_;
  std::vector<std::pair<std::size_t, InventoryMirror>> mirrors_;  // by line
  std::map<std::string, std::size_t> line_of_name_;
  std::vector<HostId> hosts_of_inventory_;
  std::set<std::string> named_sites_;
  std::set<std::string> sites_with_url_;                     // that a line has stated
  std::map<std::string, std::vector<CarriageId>> carriers_;  // by module; "" is the main tree
  std::optional<CarriageId> vault_;
};

}  // namespace

ImportReport import_inventory(catalog::CatalogWriter& writer, const ImportInput& input) {
  return Import(writer, input).run();
}

}  // namespace mirrorway::admin
