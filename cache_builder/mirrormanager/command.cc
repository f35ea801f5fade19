#include "cache_builder/mirrormanager/command.h"

#include <chrono>
#include <iostream>

#include "cache_builder/mirrormanager/export.h"
#include "cache_builder/mirrormanager/import.h"
#include "cache_builder/mirrormanager/text_files.h"
#include "common/base/file.h"
#include "common/base/options.h"
#include "common/base/remarks.h"
#include "common/base/terminal.h"
#include "common/snapshot/file.h"

namespace mirrorway::cache_builder {
namespace {

// A table of all networks of the world has some 25 MB.
constexpr std::size_t kMaxNetblocksBytes = 256 << 20;
constexpr std::size_t kMaxCountriesBytes = 1 << 20;

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// A cache whose readers go through it kCachePasses times, and are seen to.
class ShownCache : public CacheBytes {
 public:
  ShownCache(CacheBytes& cache, base::ProgressLine& line) : cache_(cache), line_(line) {}

  std::uint64_t size() const override { return cache_.size(); }
  std::string_view view(std::uint64_t offset, std::size_t length) override {
    if (offset < last_offset_) ++passes_done_;
    last_offset_ = offset;
    line_.show("reading MirrorManager's cache", passes_done_ * size() + offset,
               kCachePasses * size());
    return cache_.view(offset, length);
  }
  void check_unchanged() override { cache_.check_unchanged(); }

 private:
  CacheBytes& cache_;
  base::ProgressLine& line_;
  std::uint64_t passes_done_ = 0;
  std::uint64_t last_offset_ = 0;
};

// What `body` throws, with the file that it was about.
template <typename Body>
auto about(const std::string& file, const Body& body) {
  try {
    return body();
  } catch (const base::IoError&) {
    throw;  // names the file itself
  } catch (const base::Error& error) {
    throw base::Error("{}: {}", file, error.what());
  }
}

}  // namespace

int run_import(const ImportSettings& settings, const PublishSettings& publish_settings) {
  const Stopwatch stopwatch;
  Publication publication(publish_settings, "import-mirrormanager");
  publication.read_in_place();
  base::Remarks remarks;
  Continents continents = known_continents();
  if (!settings.country_continent.empty()) {
    const std::string text = base::read_file(settings.country_continent, kMaxCountriesBytes);
    continents =
        about(settings.country_continent, [&] { return parse_country_continents(text, remarks); });
  }
  std::vector<snapshot::AsnPrefix> asns;
  if (!settings.netblocks.empty())
    asns = parse_global_netblocks(base::read_file(settings.netblocks, kMaxNetblocksBytes), remarks);
  CacheFile file(settings.cache);
  base::ProgressLine progress;
  ShownCache cache(file, progress);
  const proto::Snapshot snapshot = about(settings.cache, [&] {
    return import_mirrormanager(cache, std::move(continents), std::move(asns), remarks);
  });
  const snapshot::FileEncoder encoder =
      about(settings.cache, [&] { return snapshot::FileEncoder(snapshot); });
  progress.wipe();
  for (const std::string& line : remarks.lines()) warn(line);  // they may say why it is refused
  publication.publish(snapshot, encoder);
  std::cout << fmt::format(
      "{} hosts, {} categories, {} directories, {} repositories, {} netblocks with an ASN, "
      "{} bytes, {:.2f} seconds\n",
      snapshot.hosts_size(), snapshot.categories_size(), snapshot.directories_size(),
      snapshot.repositories_size(),
      snapshot.asns().ipv4().asns_size() + snapshot.asns().ipv6().asns_size(), encoder.size(),
      stopwatch.seconds());
  return base::kExitSuccess;
}

int run_export(const ExportSettings& settings) {
  const Stopwatch stopwatch;
  const proto::Snapshot snapshot = snapshot::load_file(settings.snapshot).snapshot;
  base::PublishedFile cache(settings.cache);
  std::uint64_t written = 0;
  const auto write = [&](std::string_view bytes) {
    cache.append(bytes);
    written += bytes.size();
  };
  base::ProgressLine progress;
  export_mirrormanager(snapshot, write, [&](std::uint64_t done, std::uint64_t total) {
    progress.show("writing MirrorManager's cache", done, total);
  });
  progress.wipe();
  if (!settings.netblocks.empty())
    base::publish_file(settings.netblocks,
                       format_global_netblocks(snapshot::decode_asn_table(snapshot.asns())));
  cache.commit();
  for (const std::string& line : find_losses(snapshot)) warn(line);
  std::cout << fmt::format("{} hosts, {} directories, {} repositories, {} bytes, {:.2f} seconds\n",
                           snapshot.hosts_size(), snapshot.directories_size(),
                           snapshot.repositories_size(), written, stopwatch.seconds());
  return base::kExitSuccess;
}

}  // namespace mirrorway::cache_builder
