// The mirrors of one thing for one client: what every form of answer is written from.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/answer/directory.h"
#include "common/selection/select.h"
#include "common/snapshot/image.h"
#include "proto/lookup.pb.h"

namespace mirrorway::answer {

// Refers to everything, owns nothing.
struct Listing {
  const snapshot::Image& image;
  const proto::LookupRequest& request;
  const Subject& subject;
  const Target& target;
  const selection::Query& query;
  const selection::Client& client;
  const selection::Selection& selection;
  std::chrono::system_clock::time_point now;

  const snapshot::HostRecord& host(const selection::RankedHost& ranked) const {
    return image.hosts()[ranked.host];
  }
  const snapshot::DirectoryRecord& directory() const {
    return image.directories()[target.directories.front()];
  }
  // What the snapshot knows of the target's file; null when nothing.
  const snapshot::FileRecord* file() const { return find_file(image, target); }

  // Calls visit(base, scheme) for the host's base URLs in the wanted schemes, best first. The URL
  // is base + target.tail.
  template <typename Visit>
  void for_each_url(snapshot::HostIndex index, const Visit& visit) const {
    for (const snapshot::UrlRecord& url : image.urls(index, directory().category))
      if (query.schemes[static_cast<std::size_t>(url.scheme)])
        visit(image.text(url.text), url.scheme);
  }
  // Empty only for a host that is not in the selection.
  std::string best_url(snapshot::HostIndex index) const {
    for (const snapshot::UrlRecord& url : image.urls(index, directory().category))
      if (query.schemes[static_cast<std::size_t>(url.scheme)])
        return std::string(image.text(url.text)) + target.tail;
    return {};
  }
};

// What the comment line of every text starts with: "# repo = R arch = A " or "# path = P ".
std::string subject_comment(const Subject& subject);

}  // namespace mirrorway::answer
