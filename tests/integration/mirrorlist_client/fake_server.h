// Stands in for mirrorlist_server and does what each test wants of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/fd.h"
#include "common/wire/frame.h"
#include "proto/lookup.pb.h"

namespace mirrorway::tests {

// One connection as the server sees it; blocking.
class Conversation {
 public:
  struct Request {
    std::uint32_t id;
    proto::LookupRequest message;
  };

  explicit Conversation(const base::Fd& socket) : socket_(socket) {}

  // nullopt when the client has closed the connection, or the fake server stops.
  std::optional<Request> read();
  void send(std::string_view bytes) const;
  void answer(std::uint32_t id, const proto::LookupResponse& response) const;
  // 200 with the path that was asked for and an LF.
  void answer(const Request& request) const;
  // Until the client closes the connection.
  void answer_all();

 private:
  const base::Fd& socket_;
  wire::FrameBuffer received_{wire::kMaxRequestBytes};
};

class FakeServer {
 public:
  // Called in a thread per connection, with its number from 0; the connection ends with it.
  using Script = std::function<void(Conversation&, unsigned number)>;

  // Listens at once; answers after start().
  explicit FakeServer(const std::filesystem::path& socket);
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  ~FakeServer();

  void start(Script script);

 private:
  void accept_all();

  Script script_;
  base::Fd listener_;
  std::thread acceptor_;
  std::list<base::Fd> connections_;
  std::vector<std::thread> threads_;
};

}  // namespace mirrorway::tests
