// Small caches as MirrorManager's builder writes them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "proto/mirrormanager.pb.h"

namespace mirrorway::tests {

inline void add_text(google::protobuf::RepeatedPtrField<mirrormanager::StringToString>& table,
                     const std::string& key, const std::string& value) {
  auto* const row = table.Add();
  row->set_key(key);
  row->set_value(value);
}

inline void add_url(mirrormanager::MirrorList& cache, std::uint64_t id, const std::string& url) {
  auto* const row = cache.add_hcurlcache();
  row->set_key(id);
  row->set_value(url);
}

inline void add_carrier(mirrormanager::DirectoryMirrors& directory, std::uint64_t host,
                        std::initializer_list<std::uint64_t> urls) {
  auto* const row = directory.add_byhostid();
  row->set_key(host);
  for (const std::uint64_t url : urls) row->add_value(url);
}

// Hosts 1, 42 and 100 for everybody, 42 in Sweden, with three URLs each.
inline mirrormanager::DirectoryMirrors* add_directory(mirrormanager::MirrorList& cache,
                                                      const std::string& path,
                                                      const std::string& subpath = "") {
  auto* const directory = cache.add_mirrorlistcache();
  directory->set_directory(path);
  directory->set_subpath(subpath);
  for (const std::uint64_t host : {1U, 42U, 100U}) {
    directory->add_global(host);
    add_carrier(*directory, host, {host * 10 + 1, host * 10 + 2, host * 10 + 3});
  }
  auto* const sweden = directory->add_bycountry();
  sweden->set_key("SE");
  sweden->add_value(42);
  return directory;
}

// The network of three hosts that MirrorManager's own behaviour is written down with: URL ids 11 to
// 13, 421 to 423, 1001 to 1003, each http://hcurlN/test-N, and the directory directory/level/three.
inline mirrormanager::MirrorList three_hosts() {
  mirrormanager::MirrorList cache;
  cache.set_time(1'700'000'000);
  for (const std::uint64_t host : {1U, 42U, 100U}) {
    for (std::uint64_t id = host * 10 + 1; id <= host * 10 + 3; ++id)
      add_url(cache, id, "http://hcurl" + std::to_string(id) + "/test-" + std::to_string(id));
    auto* const bandwidth = cache.add_hostbandwidthcache();
    bandwidth->set_key(host);
    bandwidth->set_value(host == 1 ? 100 : host == 42 ? 83 : 1000);
  }
  add_directory(cache, "directory/level/three");
  return cache;
}

inline std::string bytes_of(const google::protobuf::MessageLite& message) {
  return message.SerializePartialAsString();
}

}  // namespace mirrorway::tests
