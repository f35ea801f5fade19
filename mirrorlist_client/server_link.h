// One persistent connection to mirrorlist_server: frames out, frames in (proto/LOOKUP.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/fd.h"
#include "common/wire/frame.h"
#include "mirrorlist_client/event_loop.h"
#include "mirrorlist_client/metrics.h"

namespace mirrorway::mirrorlist_client {

// Connects by itself, again and again: at once after a connection that has answered something (its
// child was retired or killed), otherwise with growing pauses.
class ServerLink {
 public:
  struct Events {
    std::function<void(ServerLink&)> on_up;
    // What was sent and has no frame yet will never have one.
    std::function<void(ServerLink&)> on_down;
    // Returns whether the payload was as it should be; if not, the connection is given up.
    std::function<bool(ServerLink&, std::uint32_t id, std::string_view payload)> on_frame;
  };

  // Tries to connect when start() is called. `path` and `events` outlive this object.
  ServerLink(EventLoop& loop, const std::string& path, const Events& events);
  ServerLink(const ServerLink&) = delete;
  ServerLink& operator=(const ServerLink&) = delete;

  void start();
  bool is_up() const { return static_cast<bool>(socket_); }
  // Whether somebody serves this connection. Of a new one nobody knows: the kernel connects before
  // the server accepts, and the server accepts before it knows whether it can serve.
  bool has_answered() const { return has_answered_; }
  // Whether nobody listened when it last tried to connect, as opposed to a connection that ended.
  bool is_refused() const { return is_refused_; }
  // Why the last connection could not be made or ended; for the log.
  const std::string& last_problem() const { return problem_; }

  // Only when up. Frames of one round of the event loop leave in one system call. Calls nobody
  // back. Returns the frame's place among all bytes of this connection.
  std::uint64_t send(std::string_view frame);
  // Whether anything of the frame at this place has left, so that the server may have read it. Also
  // when the connection has just ended.
  bool has_left(std::uint64_t place) const { return place < sent_bytes_; }

  // Closes the connection, as if the server had. `reason` is what that counts as. Calls on_down.
  void give_up(Counter reason, std::string problem) { go_down(reason, std::move(problem)); }

  // Of the pool: frames sent and not answered, and since when it has waited for the next one.
  std::size_t pending = 0;
  Clock::time_point waiting_since;

 private:
  void connect();
  void receive();
  bool take_frames();
  void flush();
  void go_down(Counter reason, std::string problem);

  EventLoop& loop_;
  const std::string& path_;
  const Events& events_;
  base::Fd socket_;
  std::optional<Event> readable_;
  std::optional<Event> writable_;
  Event flush_soon_;
  Event connect_later_;
  wire::FrameBuffer received_;
  std::string unsent_;
  std::uint64_t sent_bytes_ = 0;  // of this connection
  bool has_answered_ = false;
  bool is_refused_ = false;
  std::chrono::milliseconds pause_{0};
  std::string problem_;
};

}  // namespace mirrorway::mirrorlist_client
