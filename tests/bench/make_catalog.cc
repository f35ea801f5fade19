// Fills a new catalog with a network of any size: the shapes of Fedora's, nothing of its content.
// One seed gives one catalog. All writing is done by CatalogWriter, so every database can be
// filled.
#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/base/digest.h"
#include "common/base/options.h"
#include "common/catalog/catalog_url.h"
#include "common/catalog/writer.h"
#include "tests/support/random.h"

namespace mirrorway::bench {
namespace {

using catalog::CarriageId;
using catalog::DirectoryId;
using tests::below;
using tests::chance;

constexpr std::int64_t kNow = 1'760'000'000;  // Unix seconds; the catalog must not depend on today
constexpr std::int64_t kDay = 86'400;

struct Settings {
  std::string catalog_url{catalog::kDefaultCatalogUrl};
  std::uint32_t hosts = 500;
  std::uint32_t directories = 30'000;
  std::uint32_t repositories = 800;
  std::uint32_t netblocks = 3'000;
  std::uint32_t seed = 1;
};

struct Tree {
  const char* name;
  const char* top_directory;
  double host_share;  // of the hosts carry it
  unsigned weight;    // of 100 repositories, so many lie in it
};
constexpr std::array<Tree, 6> kTrees{{{"fedora-linux", "pub/fedora/linux", 0.95, 50},
                                      {"epel", "pub/epel", 0.90, 20},
                                      {"fedora-secondary", "pub/fedora-secondary", 0.60, 8},
                                      {"fedora-archive", "pub/archive/fedora/linux", 0.55, 8},
                                      {"centos", "pub/centos-stream", 0.75, 8},
                                      {"alt", "pub/alt", 0.60, 6}}};

constexpr std::array<std::string_view, 24> kCountries{
    "US", "US", "US", "US", "DE", "DE", "FR", "FR", "GB", "CN", "JP", "CA",
    "RU", "BR", "NL", "SE", "IT", "ES", "PL", "CZ", "AU", "IN", "ZA", "TW"};
constexpr std::array<std::string_view, 5> kArchitectures{"x86_64", "aarch64", "ppc64le", "s390x",
                                                         "source"};
constexpr std::size_t kRepositoriesPerRoot = 2;
constexpr std::size_t kVersionsPerFile = 4;
// So many directories next to each other are on the same hosts.
constexpr std::size_t kDirectoriesPerGroup = 15;
constexpr double kLeastShareOfCarriers = 0.55;
constexpr double kMostShareOfCarriers = 0.90;
constexpr double kLaggingShare = 0.02;  // of a directory's hosts, in half of the groups

net::CountryCode random_country(tests::Random& random) {
  return *net::CountryCode::parse(kCountries[below(random, kCountries.size())]);
}

// In 20.0.0.0/6 and 2a00::/16, which are neither private nor reserved; never wider than /16 and
// /32.
net::Prefix random_netblock(tests::Random& random) {
  if (chance(random, 0.15))
    return *net::Prefix::parse(fmt::format("2a00:{:x}::/32", below(random, 1U << 16U)));
  const std::size_t high = 20 + below(random, 4);
  if (chance(random, 0.3))
    return *net::Prefix::parse(fmt::format("{}.{}.0.0/16", high, below(random, 256)));
  return *net::Prefix::parse(
      fmt::format("{}.{}.{}.0/24", high, below(random, 256), below(random, 256)));
}

class Filler {
 public:
  explicit Filler(const Settings& settings)
      : settings_(settings),
        random_(tests::seeded(settings.seed)),
        writer_(settings.catalog_url, [] { return kNow; }) {
    if (!writer_.sites().empty() || !writer_.categories().empty())
      throw base::Error("catalog {}: is not empty; name a new one", settings.catalog_url);
  }

  void run() {
    add_categories();
    add_hosts();
    add_roots();
    add_directories();
    add_repositories();
    add_geography();
    mark_directories();
    writer_.commit();
  }

  std::uint64_t rows() const { return rows_; }

 private:
  // Where a repository lies: a directory with repodata and packages below it.
  struct Root {
    std::size_t tree;
    std::string path;
    std::string version;
    std::string_view architecture;
    std::vector<CarriageId> carriers;
    std::vector<DirectoryId> directories;
  };

  void add_categories() {
    for (const Tree& tree : kTrees)
      categories_.push_back(writer_.insert(catalog::Category{{}, tree.name, tree.top_directory}));
  }

  void add_hosts() {
    std::vector<std::set<net::Prefix>> netblocks(settings_.hosts);
    for (std::size_t added = 0; added < settings_.netblocks;)
      if (netblocks[below(random_, netblocks.size())].insert(random_netblock(random_)).second)
        ++added;
    catalog::SiteId site{};
    for (std::size_t number = 0; number < settings_.hosts; ++number) {
      // One site in ten has a second host.
      if (number == 0 || !chance(random_, 0.1)) {
        catalog::Site added;
        added.name = fmt::format("Organisation {}", number);
        added.url = fmt::format("https://www.organisation-{}.example", number);
        site = writer_.insert(added);
      }
      add_host(number, site, netblocks[number]);
    }
  }

  void add_host(std::size_t number, catalog::SiteId site, const std::set<net::Prefix>& netblocks) {
    constexpr std::array<std::uint32_t, 5> kBandwidths{10, 100, 1'000, 10'000, 100'000};
    catalog::Host host;
    host.site = site;
    host.name = fmt::format("mirror{}.example", number);
    host.is_private = chance(random_, 0.04);
    host.is_research = chance(random_, 0.15);
    host.country = random_country(random_);
    host.bandwidth_mbps = kBandwidths[below(random_, kBandwidths.size())];
    host.asn = static_cast<std::uint32_t>(1'000 + number);
    if (chance(random_, 0.3)) host.client_asns = {static_cast<std::uint32_t>(70'000 + number)};
    host.netblocks.assign(netblocks.begin(), netblocks.end());
    if (chance(random_, 0.03)) host.allowed_countries = {*host.country};
    const catalog::HostId id = writer_.insert(host);
    for (std::size_t tree = 0; tree < kTrees.size(); ++tree)
      if (chance(random_, kTrees[tree].host_share))
        carriages_[tree].push_back(add_carriage(id, host.name, tree));
  }

  CarriageId add_carriage(catalog::HostId host, const std::string& name, std::size_t tree) {
    catalog::Carriage carriage;
    carriage.host = host;
    carriage.category = categories_[tree];
    for (const std::string_view scheme : {"http", "https", "rsync"})
      if (carriage.urls.empty() || chance(random_, 0.7))
        carriage.urls.push_back(
            fmt::format("{}://{}/{}", scheme, name, kTrees[tree].top_directory));
    return writer_.insert(carriage);
  }

  std::size_t random_tree() {
    std::size_t drawn = below(random_, 100);
    std::size_t tree = 0;
    while (drawn >= kTrees[tree].weight) drawn -= kTrees[tree++].weight;
    return tree;
  }

  std::vector<CarriageId> some_of(const std::vector<CarriageId>& carriages, double share) {
    std::vector<CarriageId> chosen;
    for (const CarriageId carriage : carriages)
      if (chance(random_, share)) chosen.push_back(carriage);
    return chosen;
  }

  void add_roots() {
    const std::size_t count =
        std::max<std::size_t>(1, settings_.repositories / kRepositoriesPerRoot);
    for (std::size_t number = 0; number < count; ++number) {
      Root root;
      root.tree = random_tree();
      root.version = std::to_string(number);
      root.architecture = kArchitectures[below(random_, kArchitectures.size())];
      root.path = fmt::format("{}/releases/{}/Everything/{}/os", kTrees[root.tree].top_directory,
                              root.version, root.architecture);
      const double share = kLeastShareOfCarriers + (kMostShareOfCarriers - kLeastShareOfCarriers) *
                                                       static_cast<double>(below(random_, 1'000)) /
                                                       1'000;
      root.carriers = some_of(carriages_[root.tree], share);
      roots_.push_back(std::move(root));
    }
  }

  void add_directories() {
    for (std::size_t number = 0; number < roots_.size(); ++number) {
      Root& root = roots_[number];
      const std::size_t count = settings_.directories * (number + 1) / roots_.size() -
                                settings_.directories * number / roots_.size();
      for (std::size_t i = 0; i < count; ++i)
        root.directories.push_back(
            writer_.insert(catalog::Directory{{}, path_below(root, i), categories_[root.tree]}));
    }
  }

  static std::string path_below(const Root& root, std::size_t number) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
    if (number == 0) return root.path;
    if (number == 1) return root.path + "/repodata";
    number -= 2;
    std::string path = fmt::format("{}/Packages/{}", root.path, kLetters[number % kLetters.size()]);
    if (number >= kLetters.size()) path += fmt::format("/{}", number / kLetters.size());
    return path;
  }

  void add_repositories() {
    for (const Root& root : roots_) {
      if (root.directories.size() < 2) continue;
      for (std::size_t i = 0; i < kRepositoriesPerRoot; ++i)
        writer_.insert(catalog::Repository{
            {},
            fmt::format("{}{}-{}", kTrees[root.tree].name, i == 0 ? "" : "-debug", root.version),
            std::string(root.architecture),
            root.directories[0],
            chance(random_, 0.02)});
      for (std::size_t version = 0; version < kVersionsPerFile; ++version)
        add_repomd(root, static_cast<std::int64_t>(version));
    }
    for (std::size_t i = 0; i + 1 < roots_.size(); i += 10)
      writer_.insert(catalog::Redirect{fmt::format("latest-{}", i),
                                       fmt::format("{}-{}", kTrees[roots_[i].tree].name, i)});
  }

  void add_repomd(const Root& root, std::int64_t version) {
    const std::string bytes = fmt::format("{} of version {}", root.path, version);
    catalog::FileDetail file;
    file.directory = root.directories[1];
    file.name = "repomd.xml";
    file.size = static_cast<std::int64_t>(3'000 + below(random_, 9'000));
    file.timestamp = kNow - kDay * (version + 1);
    const auto digest = base::sha256(bytes);
    file.sha256 = base::to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
    file.sha512 = file.sha256 + file.sha256;
    file.sha1 = file.sha256.substr(0, 40);
    file.md5 = file.sha256.substr(0, 32);
    writer_.insert(file);
  }

  void add_geography() {
    for (std::size_t i = 0; i < 10; ++i)
      writer_.insert(catalog::NetblockCountry{*net::Prefix::parse(fmt::format("24.{}.0.0/16", i)),
                                              random_country(random_)});
    for (std::size_t i = 0; i < 100; ++i)
      writer_.insert_research(*net::Prefix::parse(fmt::format("25.{}.0.0/16", i)));
  }

  void mark_directories() {
    for (const Root& root : roots_) {
      const std::span<const DirectoryId> all(root.directories);
      for (std::size_t begin = 0; begin < all.size(); begin += kDirectoriesPerGroup) {
        const auto group = all.subspan(begin, std::min(kDirectoriesPerGroup, all.size() - begin));
        const auto carriers =
            chance(random_, 0.5) ? some_of(root.carriers, 1 - kLaggingShare) : root.carriers;
        writer_.mark_up_to_date(carriers, group);
        rows_ += carriers.size() * group.size();
      }
    }
  }

  const Settings& settings_;
  tests::Random random_;
  catalog::CatalogWriter writer_;
  std::vector<catalog::CategoryId> categories_;
  std::array<std::vector<CarriageId>, kTrees.size()> carriages_;
  std::vector<Root> roots_;
  std::uint64_t rows_ = 0;
};

int run(int argc, char** argv) {
  constexpr std::uint32_t kMost = 10'000'000;
  Settings settings;
  base::Options options("make_catalog", "Fills a new catalog with a network to measure with");
  options.add("catalog", settings.catalog_url, "URL", "The catalog; made when there is none");
  options.add("hosts", settings.hosts, 1, 65'535, "Hosts");
  options.add("directories", settings.directories, 1, kMost, "Directories of all categories");
  options.add("repositories", settings.repositories, 0, kMost,
              "Repositories; each two share a place, with a repomd.xml of four versions");
  options.add("netblocks", settings.netblocks, 0, 60'000, "Netblocks of all hosts");
  options.add("seed", settings.seed, 0, UINT32_MAX, "One seed, one catalog");
  if (const auto status = options.parse(argc, argv)) return *status;
  const auto start = std::chrono::steady_clock::now();
  catalog::init_catalog(settings.catalog_url, [] { return kNow; });
  Filler filler(settings);
  filler.run();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::cout << fmt::format("{} hosts, {} directories, {} states of directories, {:.1f} seconds\n",
                           settings.hosts, settings.directories, filler.rows(), taken.count());
  return base::kExitSuccess;
}

}  // namespace
}  // namespace mirrorway::bench

int main(int argc, char** argv) {
  return mirrorway::base::run_main("make_catalog",
                                   [&] { return mirrorway::bench::run(argc, argv); });
}
