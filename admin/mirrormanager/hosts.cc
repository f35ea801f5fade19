#include <map>
#include <set>
#include <unordered_set>
#include <utility>

#include "admin/importing.h"
#include "admin/mirrormanager/move.h"
#include "common/net/path.h"

namespace mirrorway::admin {
namespace {

namespace mm = catalog::mirrormanager;
using catalog::Carriage;
using catalog::CarriageId;
using catalog::Category;
using catalog::CategoryId;
using catalog::Host;
using catalog::HostId;
using catalog::Site;
using catalog::SiteId;

// Rows with one key, such as the URLs of a carriage.
template <typename T>
std::unordered_map<std::int64_t, std::vector<T>> group(std::vector<mm::Owned<T>> rows) {
  std::unordered_map<std::int64_t, std::vector<T>> groups;
  for (mm::Owned<T>& row : rows) groups[row.owner].push_back(std::move(row.value));
  return groups;
}

class HostMover {
 public:
  explicit HostMover(const Move& move) : move_(move) {}

  void run() {
    write_sites();
    write_hosts();
    write_categories();
    write_carriages();
    count_kept_hosts();
  }

 private:
  void write_sites() {
    std::map<std::string, Site> existing;
    for (Site& site : move_.writer.sites()) existing.emplace(site.name, std::move(site));
    std::set<std::string> taken;
    for (const mm::Site& row : move_.source.sites()) {
      const std::string name = take_name(row, taken);
      if (name.empty()) {
        remarks().add("sites left out with their hosts, as their names cannot be names", "\"{}\"",
                      base::shown(row.name));
        continue;
      }
      const Site* const known = find_row(existing, name);
      Site wanted = known == nullptr ? Site{} : *known;
      wanted.name = name;
      wanted.url = move_.rows.site_url(row);
      wanted.is_active = row.is_active;
      wanted.is_private = row.is_private;
      settle(move_.writer, known, wanted, move_.report.sites);
      move_.moved.sites.emplace(row.id, wanted.id);
    }
  }

  // Unique, as MirrorManager's names need not be; "" when there is none. What is made up for one
  // site may be the name of another.
  std::string take_name(const mm::Site& row, std::set<std::string>& taken) {
    std::string name = RowReader::name_of(row.name);
    if (name.empty() || taken.insert(name).second) return name;
    do {
      name = RowReader::name_of(fmt::format("{} #{}", name, row.id));
    } while (!name.empty() && !taken.insert(name).second);
    if (!name.empty())
      remarks().add("sites have the name of another; their ids became part of it", "{}",
                    base::shown(name));
    return name;
  }

  std::unordered_map<std::int64_t, HostLists> read_lists() const {
    std::unordered_map<std::int64_t, HostLists> lists;
    for (const auto& row : move_.source.peer_asns()) lists[row.owner].asns.push_back(row.value);
    for (auto& row : move_.source.netblocks())
      lists[row.owner].netblocks.push_back(std::move(row.value));
    for (auto& row : move_.source.allowed_countries())
      lists[row.owner].allowed_countries.push_back(std::move(row.value));
    return lists;
  }

  void write_hosts() {
    for (Host& host : move_.writer.hosts())
      existing_hosts_.emplace(std::pair(host.site, host.name), std::move(host));
    auto lists = read_lists();
    std::set<std::pair<SiteId, std::string>> taken;
    const std::vector<mm::Host> rows = move_.source.hosts();
    std::size_t done = 0;
    for (const mm::Host& row : rows) {
      move_.tell("moving hosts", done++, rows.size());
      const SiteId* const site = row.site ? find_row(move_.moved.sites, *row.site) : nullptr;
      if (site == nullptr) {
        remarks().add("hosts left out, as they have no site", "{}", base::shown(row.name));
        continue;
      }
      const Host* const known =
          find_row(existing_hosts_, std::pair(*site, RowReader::name_of(row.name)));
      auto wanted = move_.rows.host(row, lists[row.id], known == nullptr ? Host{} : *known);
      if (!wanted) continue;
      if (!taken.emplace(*site, wanted->name).second) {
        remarks().add("hosts left out, as their site has another of that name", "{}",
                      base::shown(row.name));
        continue;
      }
      wanted->site = *site;
      settle(move_.writer, known, *wanted, move_.report.hosts);
      move_.moved.hosts.emplace(row.id, wanted->id);
      host_names_.emplace(wanted->id, wanted->name);
      if (wanted->is_private && wanted->client_asns.empty() && wanted->netblocks.empty() &&
          wanted->clouds.empty() && !(wanted->asn && wanted->serves_own_asn))
        move_.report.never_answered.push_back(wanted->name);
    }
  }

  void write_categories() {
    std::map<std::string, Category> existing;
    for (Category& category : move_.writer.categories())
      existing.emplace(category.name, std::move(category));
    std::set<std::string> taken;
    for (const mm::Category& row : move_.source.categories()) {
      const std::string name = RowReader::name_of(row.name);
      const auto top = row.top_directory ? net::parse_path(*row.top_directory)
                                         : base::Parsed<std::string>(base::refuse("there is none"));
      if (name.empty() || !top || !taken.insert(name).second) {
        remarks().add("categories left out, as name or top directory cannot be one", "{}",
                      base::shown(row.name));
        continue;
      }
      const Category* const known = find_row(existing, name);
      if (known != nullptr && known->top_directory != *top)
        throw base::Error("category {} has the top directory {} in the catalog, not {}", name,
                          known->top_directory, *top);
      Category wanted{known == nullptr ? CategoryId{} : known->id, name, *top};
      settle(move_.writer, known, wanted, move_.report.categories);
      move_.moved.categories.emplace(row.id, wanted);
    }
  }

  void write_carriages() {
    std::map<std::pair<HostId, CategoryId>, Carriage> existing;
    for (Carriage& carriage : move_.writer.carriages())
      existing.emplace(std::pair(carriage.host, carriage.category), std::move(carriage));
    auto urls = group(move_.source.urls());
    std::set<CarriageId> current;
    for (const mm::Carriage& row : move_.source.carriages()) {
      const HostId* const host = find_row(move_.moved.hosts, row.host);
      const Category* const category = find_row(move_.moved.categories, row.category);
      if (host == nullptr || category == nullptr) continue;  // which was remarked there
      const Carriage* const known = find_row(existing, std::pair(*host, category->id));
      Carriage wanted{known == nullptr ? CarriageId{} : known->id, *host, category->id,
                      row.is_always_up_to_date,
                      move_.rows.urls(host_names_.at(*host), urls[row.id])};
      settle(move_.writer, known, wanted, move_.report.carriages);
      move_.moved.carriages.emplace(row.id, wanted);
      current.insert(wanted.id);
    }
    std::set<CategoryId> ours;
    for (const auto& [id, category] : move_.moved.categories) ours.insert(category.id);
    for (const auto& [place, carriage] : existing) {
      if (!ours.contains(carriage.category)) continue;
      carriers_.insert(carriage.host);
      // A host that MirrorManager has carries what it says: clients would ask in vain for the rest.
      if (!host_names_.contains(carriage.host) || current.contains(carriage.id)) continue;
      move_.writer.remove(carriage);
      ++move_.report.carriages.removed;
    }
  }

  void count_kept_hosts() {
    for (const auto& [place, host] : existing_hosts_)
      if (carriers_.contains(host.id) && !host_names_.contains(host.id))
        move_.report.kept_hosts.push_back(host.name);
    move_.report.hosts.kept = move_.report.kept_hosts.size();
  }

  base::Remarks& remarks() { return move_.report.remarks; }

  const Move& move_;
  std::map<std::pair<SiteId, std::string>, Host> existing_hosts_;
  std::unordered_map<HostId, std::string> host_names_;  // of what was read
  std::unordered_set<HostId> carriers_;  // hosts that had one of these categories before
};

}  // namespace

void move_hosts(const Move& move) {
  HostMover(move).run();
}

}  // namespace mirrorway::admin
