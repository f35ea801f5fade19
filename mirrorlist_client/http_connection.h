// One HTTP client: takes its requests one after the other, writes the answers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/base/fd.h"
#include "common/http/answer.h"
#include "common/http/request_head.h"
#include "common/net/address.h"
#include "mirrorlist_client/event_loop.h"

namespace mirrorway::mirrorlist_client {

struct HttpTimeouts {
  std::chrono::milliseconds request{
      10'000};  // from the first byte of a request to the end of its head
  std::chrono::milliseconds idle{75'000};   // without a request
  std::chrono::milliseconds write{30'000};  // from an answer to the client's having taken it
};

// Requests that arrive while one is being answered wait in the socket. What is in memory per
// connection is bounded by the longest head and one answer.
class HttpConnection {
 public:
  struct Events {
    // Calls answer() at once or later. The views in `head` are valid during the call only.
    std::function<void(HttpConnection&, const http::RequestHead& head)> on_request;
    // What came is no request. Calls answer() at once or later; then the connection is closed.
    std::function<void(HttpConnection&, const http::Problem& problem)> on_problem;
    // The connection is closed; destroy it, but not from within this call.
    std::function<void(HttpConnection&)> on_closed;
  };

  // `events` and `timeouts` outlive this object.
  HttpConnection(EventLoop& loop, base::Fd socket, std::uint64_t id, const net::Address& peer,
                 const HttpTimeouts& timeouts, const Events& events);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  std::uint64_t id() const { return id_; }
  const net::Address& peer() const { return peer_; }
  // Whether a request waits for its answer.
  bool is_answering() const { return state_ == State::kAnswering; }

  // To the request given to on_request or on_problem.
  void answer(const http::Answer& answer, std::string_view date);

  // Closes when idle for as long as `patience`, otherwise after the next answer.
  void finish(std::chrono::milliseconds patience);
  // Since when it waits for the client to say something; nullopt when it is the client that waits.
  std::optional<Clock::time_point> waiting_since() const;
  // Closes, so that another client can be served.
  void make_way();
  // Closes when a time-out has passed.
  void check_time(Clock::time_point now);

 private:
  enum class State : std::uint8_t {
    kReading,    // a request, or waiting for one
    kAnswering,  // on_request was called, answer() was not
    kWriting,    // the client has not taken all of the answer
    kLingering,  // nothing to say any more; reading on, so that the client gets the answer first
    kClosed,
  };

  void receive();
  void take_requests();
  bool take_request();
  void skip_body();
  void send(std::string_view head, std::string_view body);
  void send_unsent();
  void go_on_writing();
  void end_answer();
  void linger();
  void close();
  void enter(State state, std::chrono::milliseconds timeout);
  void note_unread();

  const std::uint64_t id_;
  const net::Address peer_;
  const HttpTimeouts& timeouts_;
  const Events& events_;
  base::Fd socket_;
  Event readable_;
  Event writable_;
  State state_ = State::kReading;
  Clock::time_point since_;
  Clock::time_point deadline_;
  Clock::time_point taken_;  // when the head of the present request was there
  std::string received_;
  std::uint64_t body_to_skip_ = 0;
  std::string unsent_;
  std::size_t noted_unread_ = 0;  // bytes, in the gauge of all connections
  bool has_body_ = true;          // of the answer: HEAD has none
  http::Connection after_answer_ = http::Connection::kStays;
  bool has_answered_ = false;
  bool is_finishing_ = false;
  bool is_at_end_ = false;  // the client will send no more
  bool is_taking_ = false;  // take_requests is on the stack
};

}  // namespace mirrorway::mirrorlist_client
