// A small mirror network for tests, made host by host into a snapshot.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/net/address.h"
#include "common/snapshot/image.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::tests {

// One category "linux" below pub/linux, with the directory pub/linux/os, its repodata and a
// repository ("os", "x86_64"), all carried by every host. Ids are 1, 2, … in the order of adding.
class Network {
 public:
  Network();

  // Carries "linux" at https:// and http://NAME/linux; the reference is for setting more, and dies
  // with the next add.
  proto::Host& add_host(const std::string& name, std::string_view country,
                        std::uint32_t bandwidth_mbps = 1000);
  proto::Host* last_host() { return snapshot_.mutable_hosts(snapshot_.hosts_size() - 1); }
  // Which hosts carry pub/linux/partial, by index.
  void set_partial(const std::vector<std::size_t>& hosts);
  void add_redirect(const std::string& from, const std::string& to);

  // Valid, with everything in the order that validate() wants.
  proto::Snapshot snapshot() const;
  std::vector<std::byte> block() const { return snapshot::Image::build(snapshot()); }

 private:
  proto::Snapshot snapshot_;
  std::string partial_;
};

void add_netblock(proto::Host& host, std::string_view cidr);
net::Address address(std::string_view text);

}  // namespace mirrorway::tests
