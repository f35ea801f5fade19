#include "cache_builder/diff_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "common/snapshot/netblock.h"

namespace mirrorway::cache_builder {
namespace {

using Texts = std::vector<std::string>;

class Details {
 public:
  void compare_text(std::string_view what, const std::string& old, const std::string& now) {
    if (old == now) return;
    add(fmt::format("{} {} to {}", what, old.empty() ? "none" : old, now.empty() ? "none" : now));
  }

  void compare_flag(std::string_view what, bool old, bool now) {
    if (old != now) add(fmt::format("{} {}", now ? "now" : "no longer", what));
  }

  void compare_texts(std::string_view what, Texts old, Texts now) {
    std::sort(old.begin(), old.end());
    std::sort(now.begin(), now.end());
    add_missing(fmt::format("{} gone", what), old, now);
    add_missing(fmt::format("{} come", what), now, old);
  }

  std::vector<Detail> take() { return std::move(details_); }

 private:
  void add(std::string text, Texts items = {}) {
    details_.push_back({std::move(text), std::move(items)});
  }

  void add_missing(std::string what, const Texts& these, const Texts& others) {
    Texts missing;
    std::set_difference(these.begin(), these.end(), others.begin(), others.end(),
                        std::back_inserter(missing));
    if (!missing.empty()) add(std::move(what), std::move(missing));
  }

  std::vector<Detail> details_;
};

template <typename List>
Texts texts(const List& list) {
  Texts result;
  for (const auto& value : list) result.push_back(fmt::format("{}", value));
  return result;
}

Texts netblock_texts(const proto::Host& host) {
  Texts result;
  for (const proto::Netblock& netblock : host.netblocks())
    result.push_back(snapshot::prefix_of(netblock)->text());
  return result;
}

std::string position_text(const proto::Host& host) {
  return host.has_latitude() ? fmt::format("{},{}", host.latitude(), host.longitude()) : "";
}

// By the name of the category; a category's index may change.
std::map<std::string, Texts> urls_by_category(const proto::Snapshot& snapshot,
                                              const proto::Host& host) {
  std::map<std::string, Texts> urls;
  for (const proto::Carriage& carriage : host.carriages())
    urls.emplace(snapshot.categories(static_cast<int>(carriage.category())).name(),
                 texts(carriage.urls()));
  return urls;
}

void compare_urls(std::map<std::string, Texts> old, std::map<std::string, Texts> now,
                  Details& details) {
  for (const auto& [category, urls] : now) old.try_emplace(category);
  for (const auto& [category, urls] : old)
    details.compare_texts("URLs of " + category, urls, now[category]);
}

}  // namespace

std::string host_name(const proto::Host& host) {
  return fmt::format("{} ({})", host.name(), host.site());
}

std::vector<Detail> compare_host(const proto::Snapshot& before, const proto::Host& old,
                                 const proto::Snapshot& after, const proto::Host& now) {
  Details details;
  details.compare_text("name", host_name(old), host_name(now));
  details.compare_text("country", old.country(), now.country());
  details.compare_text("city", old.city(), now.city());
  details.compare_text("position", position_text(old), position_text(now));
  details.compare_text("Mbit/s", std::to_string(old.bandwidth_mbps()),
                       std::to_string(now.bandwidth_mbps()));
  details.compare_flag("private", old.is_private(), now.is_private());
  details.compare_flag("a monopoly", old.is_monopoly(), now.is_monopoly());
  details.compare_flag("a last resort", old.is_last_resort(), now.is_last_resort());
  details.compare_flag("on a research network", old.is_research(), now.is_research());
  details.compare_flag("for research clients", old.serves_research(), now.serves_research());
  details.compare_texts("allowed countries", texts(old.allowed_countries()),
                        texts(now.allowed_countries()));
  details.compare_texts("client ASNs", texts(old.client_asns()), texts(now.client_asns()));
  details.compare_texts("netblocks", netblock_texts(old), netblock_texts(now));
  compare_urls(urls_by_category(before, old), urls_by_category(after, now), details);
  return details.take();
}

}  // namespace mirrorway::cache_builder
