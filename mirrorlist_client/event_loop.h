// libevent's loop and events with owners. What a callback throws ends the loop and comes out of
// run(): nothing is thrown across libevent.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>

struct event;
struct event_base;

namespace mirrorway::mirrorlist_client {

using Clock = std::chrono::steady_clock;

class EventLoop {
 public:
  // After fork, in the process that runs it. Throws base::Error.
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  // Until stop(). Throws what a callback threw.
  void run();
  void stop();

 private:
  friend class Event;

  struct Closer {
    void operator()(event_base* base) const;
  };

  void fail(std::exception_ptr failure);

  std::unique_ptr<event_base, Closer> base_;
  std::exception_ptr failure_;
};

// Something to wait for. Not waiting until told to; its end ends the waiting. May be destroyed by
// its own callback only if the callback touches nothing afterwards.
class Event {
 public:
  using Callback = std::function<void()>;

  static Event readable(EventLoop& loop, int fd, Callback callback);
  static Event writable(EventLoop& loop, int fd, Callback callback);
  static Event signal(EventLoop& loop, int number, Callback callback);
  static Event timer(EventLoop& loop, Callback callback);

  // Waits for a descriptor or a signal, again and again.
  void start();
  // Waits for a timer, once.
  void start_in(std::chrono::milliseconds delay);
  void stop();
  bool is_waiting() const;
  // Runs the callback after those that are due already, in the same round of the loop.
  void run_soon();

 private:
  struct State {
    EventLoop& loop;
    Callback callback;
  };
  struct Closer {
    void operator()(event* handle) const;
  };

  Event(EventLoop& loop, int fd, short what, Callback callback);
  static void dispatch(int fd, short what, void* state) noexcept;

  std::unique_ptr<State> state_;
  std::unique_ptr<event, Closer> handle_;  // ends before what it points to
};

}  // namespace mirrorway::mirrorlist_client
