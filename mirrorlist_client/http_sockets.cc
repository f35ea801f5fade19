#include "mirrorlist_client/http_sockets.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/log.h"

namespace mirrorway::mirrorlist_client {
namespace {

constexpr std::string_view kOwnName = "own-http";
static_assert(kOwnName.starts_with(daemon::kOwnPrefix));

// Whoever sets --listen under systemd would wait for clients in vain, and wonder.
void warn_of_ignored(const Settings& settings, const std::string& addresses) {
  if (settings.listen == Settings{}.listen) return;
  base::log(base::LogLevel::kWarning, "sockets were passed, so listen is ignored",
            "sockets={} listen={}", addresses,
            base::quoted(fmt::format("{}", fmt::join(settings.listen, ","))));
}

bool is_of(const daemon::NamedSocket& socket, const ListenAddress& asked) {
  const ListenAddress bound = listening_at(socket.fd);
  return bound.address == asked.address && (asked.port == 0 || bound.port == asked.port);
}

}  // namespace

HttpSockets::HttpSockets(const Settings& settings, daemon::Launch& launch)
    : own_(settings.workers) {
  std::vector<daemon::NamedSocket> passed = launch.take(kOwnName);
  shared_ = std::move(launch.sockets);
  launch.sockets.clear();
  const auto note = [this](const ListenAddress& address) {
    addresses_ += (addresses_.empty() ? "" : ",") + address.text();
  };
  for (const daemon::NamedSocket& socket : shared_) note(listening_at(socket.fd));
  if (!shared_.empty()) {
    warn_of_ignored(settings, addresses_);
    return;
  }
  for (const ListenAddress& asked : listen_addresses(settings)) {
    add(asked, passed);
    note(listening_at(own_.front().back().fd));
  }
}

void HttpSockets::add(const ListenAddress& asked, std::vector<daemon::NamedSocket>& passed) {
  const auto first = std::stable_partition(
      passed.begin(), passed.end(),
      [&](const daemon::NamedSocket& socket) { return !is_of(socket, asked); });
  std::size_t worker = 0;
  for (auto it = first; it != passed.end(); ++it)
    own_[worker++ % own_.size()].push_back(std::move(*it));
  passed.erase(first, passed.end());
  ListenAddress address = asked;
  if (worker == 0) check_free(address);
  if (worker > 0) address = listening_at(own_.front().back().fd);
  for (; worker < own_.size(); ++worker) {
    own_[worker].push_back({listen_shared(address), std::string(kOwnName)});
    address = listening_at(own_[worker].back().fd);
  }
}

std::vector<base::Fd> HttpSockets::take(std::size_t worker) {
  std::vector<base::Fd> taken;
  for (auto* sockets : {&shared_, &own_[worker]})
    for (daemon::NamedSocket& socket : *sockets) taken.push_back(std::move(socket.fd));
  close();
  return taken;
}

std::vector<daemon::HandedSocket> HttpSockets::handed() const {
  std::vector<daemon::HandedSocket> sockets;
  const auto add_all = [&](const std::vector<daemon::NamedSocket>& more) {
    for (const daemon::NamedSocket& socket : more)
      sockets.push_back({socket.fd.get(), socket.name});
  };
  add_all(shared_);
  for (const auto& own : own_) add_all(own);
  return sockets;
}

void HttpSockets::close() {
  shared_.clear();
  for (auto& own : own_) own.clear();
}

}  // namespace mirrorway::mirrorlist_client
