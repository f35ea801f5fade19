#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "common/base/file.h"
#include "common/net/unix_socket.h"
#include "common/snapshot/file.h"
#include "common/wire/frame.h"
#include "mirrorlist_server/child.h"
#include "mirrorlist_server/parent.h"
#include "proto/lookup.pb.h"
#include "tests/support/network.h"
#include "tests/support/snapshot_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/wait_until.h"

using namespace mirrorway;
using namespace std::chrono_literals;

namespace {

using tests::wait_until;

std::string snapshot_bytes(const char* host_name) {
  tests::Network network;
  network.add_host(host_name, "DE");
  return tests::encode_file(network.snapshot());
}

std::string snapshot_of_many_hosts(int count) {
  tests::Network network;
  for (int i = 0; i < count; ++i) network.add_host(fmt::format("h{}.example", i), "DE");
  return tests::encode_file(network.snapshot());
}

// A server in a process of its own.
class Server {
 public:
  explicit Server(mirrorlist_server::Settings settings = {}, const std::string& file = "snapshot")
      : settings_(std::move(settings)) {
    settings_.snapshot = folder_.write(file, snapshot_bytes("first.example"));
    settings_.socket = (folder_.path() / "socket").string();
    settings_.geoip = {"none"};
    pid_ = ::fork();
    if (pid_ == 0) run();
    (void)std::signal(SIGPIPE, SIG_IGN);  // some peers write to a connection that ends
    REQUIRE(wait_until([&] { return std::filesystem::exists(settings_.socket); }));
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    if (pid_ > 0) stop();
  }

  int stop() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

  void reload() const { ::kill(pid_, SIGHUP); }
  const mirrorlist_server::Settings& settings() const { return settings_; }
  pid_t pid() const { return pid_; }

  std::vector<pid_t> children() const {
    std::ifstream file(fmt::format("/proc/{}/task/{}/children", pid_, pid_));
    std::vector<pid_t> pids;
    for (pid_t pid = 0; file >> pid;) pids.push_back(pid);
    return pids;
  }

 private:
  [[noreturn]] void run() const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a failed test leaves nothing behind
    try {
      mirrorlist_server::Parent(settings_).run();
      ::_exit(0);
    } catch (const std::exception&) {
      ::_exit(1);
    }
  }

  tests::TemporaryFolder folder_;
  mirrorlist_server::Settings settings_;
  pid_t pid_ = -1;
};

proto::LookupRequest lookup(const std::string& path = "pub/linux/os") {
  proto::LookupRequest request;
  request.set_path(path);
  request.set_client_address(std::string(tests::address("192.0.2.1").bytes()));
  request.add_schemes(proto::HTTPS);
  request.add_schemes(proto::HTTP);
  return request;
}

// A blocking peer.
class Peer {
 public:
  explicit Peer(const Server& server) : socket_(net::connect_unix(server.settings().socket)) {
    const timeval patience{tests::kPatience.count(), 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  void send_bytes(std::string_view bytes) const { base::write_all(socket_, bytes, "socket"); }
  void send(std::uint32_t id, const proto::LookupRequest& request = lookup()) const {
    std::string frame;
    wire::append_frame(id, request, frame);
    send_bytes(frame);
  }

  // nullopt at the end of the connection.
  struct Response {
    std::uint32_t id;
    proto::LookupResponse message;
  };
  std::optional<Response> receive() {
    wire::FrameBuffer::Frame frame{};
    while (incoming_.next(frame) != wire::FrameBuffer::State::kFrame) {
      std::array<char, 65536> buffer{};
      const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (n == 0 || (n < 0 && errno == ECONNRESET)) return std::nullopt;
      if (n < 0) throw base::IoError(errno, "receiving");
      incoming_.append({buffer.data(), static_cast<std::size_t>(n)});
    }
    Response response{frame.id, {}};
    REQUIRE(response.message.ParseFromArray(frame.payload.data(),
                                            static_cast<int>(frame.payload.size())));
    return response;
  }

  proto::ServerStatus ask_status() {
    proto::LookupRequest request;
    request.set_asks_status(true);
    return ask(request).value_or(proto::LookupResponse()).server_status();
  }

  std::string ask() {
    const auto response = ask(lookup());
    return response ? response->body() : "closed";
  }

 private:
  // Nothing when the child was retired meanwhile.
  std::optional<proto::LookupResponse> ask(const proto::LookupRequest& request) {
    try {
      send(1, request);
    } catch (const base::IoError&) {
      return std::nullopt;
    }
    auto response = receive();
    if (!response) return std::nullopt;
    return std::move(response->message);
  }

  base::Fd socket_;
  wire::FrameBuffer incoming_{wire::kMaxResponseBytes};
};

bool answers_from(const Server& server, const char* host_name) {
  return Peer(server).ask().find(host_name) != std::string::npos;
}

}  // namespace

TEST_CASE("pipelined requests are answered in order, each under its id") {
  const Server server;
  Peer peer(server);
  for (std::uint32_t id = 0; id < 500; ++id) peer.send(id * 7);
  for (std::uint32_t id = 0; id < 500; ++id) {
    const auto response = peer.receive();
    REQUIRE(response);
    REQUIRE(response->id == id * 7);
    REQUIRE(response->message.status() == 200);
  }
}

TEST_CASE("each connection has a child of its own, which ends with it") {
  const Server server;
  {
    Peer first(server);
    Peer second(server);
    CHECK_THAT(first.ask(), Catch::Contains("first.example"));
    CHECK_THAT(second.ask(), Catch::Contains("first.example"));
    CHECK(server.children().size() == 2);
  }
  CHECK(wait_until([&] { return server.children().empty(); }));
}

TEST_CASE("the death of one child is no other connection's") {
  const Server server;
  Peer victim(server);
  victim.ask();
  const auto children = server.children();
  REQUIRE(children.size() == 1);
  Peer bystander(server);
  bystander.ask();
  ::kill(children.front(), SIGKILL);
  CHECK_FALSE(victim.receive().has_value());
  CHECK_THAT(bystander.ask(), Catch::Contains("first.example"));
  CHECK_THAT(Peer(server).ask(), Catch::Contains("first.example"));
}

TEST_CASE("a reload serves the new snapshot and retires children without losing an answer") {
  const Server server;
  Peer old(server);
  old.ask();
  base::publish_file(server.settings().snapshot, snapshot_bytes("second.example"));
  for (std::uint32_t id = 0; id < 200; ++id) old.send(id);
  server.reload();
  // Everything that was sent before the retirement is answered, then the connection ends.
  for (std::uint32_t id = 0; id < 200; ++id) {
    const auto response = old.receive();
    REQUIRE(response);
    REQUIRE(response->id == id);
    REQUIRE_THAT(response->message.body(), Catch::Contains("first.example"));
  }
  CHECK_FALSE(old.receive().has_value());
  CHECK(wait_until([&] { return answers_from(server, "second.example"); }));
}

TEST_CASE("a bad snapshot is refused, and the old one keeps answering on the same connection") {
  const auto good = snapshot_bytes("second.example");
  auto flipped = good;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
  const auto bad = GENERATE_COPY(
      values<std::string>({"", "no snapshot at all", good.substr(0, good.size() / 2), flipped}));
  const Server server;
  Peer peer(server);
  peer.ask();
  base::publish_file(server.settings().snapshot, bad);
  server.reload();
  // The loader is the only other child; once it is gone the reload is over.
  CHECK(wait_until([&] { return server.children().size() == 1; }));
  CHECK_THAT(peer.ask(), Catch::Contains("first.example"));
  std::filesystem::remove(server.settings().snapshot);
  server.reload();
  CHECK_THAT(peer.ask(), Catch::Contains("first.example"));
  base::publish_file(server.settings().snapshot, good);
  server.reload();
  CHECK(wait_until([&] { return answers_from(server, "second.example"); }));
}

TEST_CASE("a frame out of bounds ends its connection; an undecodable payload costs only itself") {
  const Server server;
  Peer peer(server);
  const auto header = wire::encode_header({3, 9});
  peer.send_bytes(std::string(header.data(), header.size()) + "\xFF\xFF\xFF");
  const auto refusal = peer.receive();
  REQUIRE(refusal);
  CHECK(refusal->id == 9);
  CHECK(refusal->message.status() == 400);
  CHECK_THAT(peer.ask(), Catch::Contains("first.example"));
  const auto huge = wire::encode_header({wire::kMaxRequestBytes + 1, 1});
  peer.send_bytes({huge.data(), huge.size()});
  CHECK_FALSE(peer.receive().has_value());
}

TEST_CASE("connections past the limit wait until another ends") {
  mirrorlist_server::Settings settings;
  settings.max_children = 1;
  const Server server(settings);
  auto first = std::make_optional<Peer>(server);
  first->ask();
  Peer second(server);
  second.send(1);
  CHECK(server.children().size() == 1);
  first.reset();
  CHECK(second.receive().has_value());
}

TEST_CASE("an answer that no frame can hold is refused, and costs nobody else anything") {
  mirrorlist_server::Settings settings;
  settings.policy.policy.max_mirrors = 1000;
  const Server server(settings);
  base::publish_file(server.settings().snapshot, snapshot_of_many_hosts(500));
  server.reload();
  REQUIRE(wait_until([&] { return answers_from(server, "h1.example"); }));
  Peer peer(server);
  std::string name;
  while (name.size() < 4000) name += "\u00e9";  // three times as long in a URL
  peer.send(1);
  peer.send(2, lookup("pub/linux/os/" + name));
  peer.send(3);
  for (const std::uint32_t id : {1U, 2U, 3U}) {
    const auto response = peer.receive();
    REQUIRE(response);
    CHECK(response->id == id);
    CHECK(response->message.status() == (id == 2 ? 400 : 200));
    if (id == 2) CHECK_THAT(response->message.body(), Catch::StartsWith("# the answer would have"));
  }
}

TEST_CASE("a problem with a path that is no UTF-8 is told all the same") {
  mirrorlist_server::Settings settings;
  settings.geoip = {"none"};
  const Server server(settings, "snap\xE9shot" + std::string(200, 'x'));
  REQUIRE(answers_from(server, "first.example"));
  std::ofstream(server.settings().snapshot, std::ios::binary) << "no snapshot";
  server.reload();
  Peer peer(server);
  REQUIRE(wait_until([&] { return !peer.ask_status().snapshot_problem().empty(); }));
  CHECK_THAT(peer.ask_status().snapshot_problem(), Catch::Contains("snap\xE9shot"));
}

TEST_CASE("an idle connection is closed") {
  mirrorlist_server::Settings settings;
  settings.idle_timeout = 20ms;
  const Server server(settings);
  Peer peer(server);
  CHECK_FALSE(peer.receive().has_value());
}

TEST_CASE("a peer that does not read cannot make the server hold its answers") {
  const Server server;
  const base::Fd greedy = net::connect_unix(server.settings().socket);
  const timeval patience{0, 200'000};
  ::setsockopt(greedy.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  proto::LookupRequest request;
  request.set_path("pub/linux/os");
  request.set_client_address(std::string(tests::address("192.0.2.1").bytes()));
  std::string frames;
  for (std::uint32_t id = 0; id < 1000; ++id) wire::append_frame(id, request, frames);
  std::size_t sent = 0;
  while (sent < (std::size_t{64} << 20U)) {
    const ssize_t n = ::send(greedy.get(), frames.data(), frames.size(), MSG_NOSIGNAL);
    if (n < 0) break;
    sent += static_cast<std::size_t>(n);
  }
  CHECK(sent < (std::size_t{8} << 20U));  // the child stopped reading
  CHECK_THAT(Peer(server).ask(), Catch::Contains("first.example"));
}

TEST_CASE("stopping answers what was sent, ends every child and removes the socket") {
  Server server;
  Peer peer(server);
  peer.ask();
  for (std::uint32_t id = 0; id < 50; ++id) peer.send(id);
  const auto socket = server.settings().socket;
  CHECK(server.stop() == 0);
  for (std::uint32_t id = 0; id < 50; ++id) REQUIRE(peer.receive().has_value());
  CHECK_FALSE(peer.receive().has_value());
  CHECK_FALSE(std::filesystem::exists(socket));
}

TEST_CASE("children retire when their parent is killed, and the next one takes the socket over") {
  Server server;
  Peer peer(server);
  peer.ask();
  ::kill(server.pid(), SIGKILL);
  CHECK_FALSE(peer.receive().has_value());
  CHECK_NOTHROW(net::listen_unix(server.settings().socket));
}

TEST_CASE("a start that cannot serve says why") {
  const tests::TemporaryFolder folder;
  mirrorlist_server::Settings settings;
  settings.geoip = {"none"};
  settings.socket = (folder.path() / "socket").string();
  settings.snapshot = (folder.path() / "missing").string();
  CHECK_THROWS_WITH(mirrorlist_server::Parent(settings),
                    Catch::Contains("loading snapshot") && Catch::Contains("No such file"));
  settings.snapshot = folder.write("html", "<html>");
  CHECK_THROWS_WITH(mirrorlist_server::Parent(settings), Catch::Contains("no Mirrorway snapshot"));
  settings.snapshot = folder.write("good", snapshot_bytes("a.example"));
  const base::Fd other = net::listen_unix(settings.socket);
  CHECK_THROWS_WITH(mirrorlist_server::Parent(settings),
                    Catch::Contains("another server is listening"));
  settings.socket = folder.write("file", "");
  CHECK_THROWS_WITH(mirrorlist_server::Parent(settings), Catch::Contains("no socket"));
  settings.socket = "/" + std::string(200, 's');
  CHECK_THROWS_WITH(mirrorlist_server::Parent(settings), Catch::Contains("the system allows 107"));
}

namespace {

// Of a metric with these labels ("how=idle"), -1 when there is none.
double value_of(const proto::ServerStatus& status, std::string_view name,
                std::string_view labels = {}) {
  for (const auto& family : status.metrics()) {
    if (family.name() != name) continue;
    for (const auto& metric : family.metrics()) {
      std::string text;
      for (const auto& label : metric.labels())
        text += (text.empty() ? "" : ",") + label.name() + '=' + label.value();
      if (text == labels) return metric.value();
    }
  }
  return -1;
}

}  // namespace

TEST_CASE("a child tells how the server is") {
  const Server server;
  Peer peer(server);
  CHECK(peer.ask() != "closed");
  proto::ServerStatus status;
  // The parent counts a child when it runs already.
  REQUIRE(wait_until([&] {
    status = peer.ask_status();
    return value_of(status, "mirrorway_server_children") == 1;
  }));
  CHECK(status.snapshot_digest().size() == 64);
  CHECK(status.snapshot_generation() == 1);
  CHECK(status.snapshot_problem().empty());
  const auto now = std::chrono::system_clock::now().time_since_epoch() / 1s;
  CHECK(static_cast<std::int64_t>(status.snapshot_written()) <= now);
  CHECK(static_cast<std::int64_t>(status.snapshot_written()) > now - 600);
  CHECK(value_of(status, "mirrorway_server_forks_total") == 1);
  CHECK(value_of(status, "mirrorway_server_lookups_total") == 1);
  CHECK(value_of(status, "mirrorway_server_snapshot_entries", "what=hosts") == 1);
  CHECK(value_of(status, "mirrorway_server_children_ended_total", "how=idle") == 0);
}

TEST_CASE("how children end is counted") {
  const Server server;
  {
    Peer killed(server);
    killed.ask();
    ::kill(server.children().at(0), SIGKILL);
    CHECK_FALSE(killed.receive());
    Peer bad(server);
    bad.send_bytes(std::string(8, '\xFF'));
    CHECK_FALSE(bad.receive());
    Peer(server).ask();
  }
  Peer peer(server);
  const auto ended = [&](std::string_view how) {
    return value_of(peer.ask_status(), "mirrorway_server_children_ended_total",
                    fmt::format("how={}", how));
  };
  CHECK(wait_until([&] { return ended("signal") == 1; }));
  CHECK(wait_until([&] { return ended("bad_frame") == 1; }));
  CHECK(wait_until([&] { return ended("peer_closed") == 1; }));
}

TEST_CASE("a refused snapshot is told until a good one comes") {
  const Server server;
  const auto& path = server.settings().snapshot;
  Peer old(server);
  const auto digest = old.ask_status().snapshot_digest();
  std::ofstream(path, std::ios::binary) << "no snapshot";
  server.reload();
  REQUIRE(wait_until([&] { return !old.ask_status().snapshot_problem().empty(); }));
  const auto refused = old.ask_status();
  CHECK_THAT(refused.snapshot_problem(), Catch::Contains(path));
  CHECK(refused.snapshot_digest() == digest);
  CHECK(refused.snapshot_generation() == 1);
  CHECK(value_of(refused, "mirrorway_server_snapshot_refused") == 1);
  CHECK(value_of(refused, "mirrorway_server_reloads_total", "result=refused") == 1);

  std::ofstream(path, std::ios::binary) << snapshot_bytes("second.example");
  server.reload();
  REQUIRE(wait_until([&] { return Peer(server).ask_status().snapshot_generation() == 2; }));
  const auto good = Peer(server).ask_status();
  CHECK(good.snapshot_problem().empty());
  CHECK(good.snapshot_digest() != digest);
  CHECK(value_of(good, "mirrorway_server_snapshot_refused") == 0);
}

TEST_CASE("memory is measured while somebody asks") {
  const Server server;
  Peer peer(server);
  CHECK(value_of(peer.ask_status(), "mirrorway_server_memory_bytes") == 0);
  // The next event in the parent starts the measurement.
  const Peer another(server);
  REQUIRE(
      wait_until([&] { return value_of(peer.ask_status(), "mirrorway_server_memory_bytes") > 0; }));
  const auto status = peer.ask_status();
  CHECK(value_of(status, "mirrorway_server_memory_processes", "measured=yes") >= 3);
  CHECK(value_of(status, "mirrorway_server_memory_processes", "measured=no") == 0);
}
