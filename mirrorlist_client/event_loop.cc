#include "mirrorlist_client/event_loop.h"

#include <event2/event.h>

#include <utility>

#include "common/base/error.h"

namespace mirrorway::mirrorlist_client {

void EventLoop::Closer::operator()(event_base* base) const {
  ::event_base_free(base);
}

EventLoop::EventLoop() : base_(::event_base_new()) {
  if (!base_) throw base::Error("starting the event loop: libevent refuses");
}

EventLoop::~EventLoop() = default;

void EventLoop::run() {
  failure_ = nullptr;
  if (::event_base_loop(base_.get(), EVLOOP_NO_EXIT_ON_EMPTY) < 0)
    throw base::Error("waiting for events: libevent gives up");
  if (failure_) std::rethrow_exception(failure_);
}

void EventLoop::stop() {
  ::event_base_loopbreak(base_.get());
}

void EventLoop::fail(std::exception_ptr failure) {
  failure_ = std::move(failure);
  stop();
}

void Event::Closer::operator()(event* handle) const {
  ::event_free(handle);
}

Event::Event(EventLoop& loop, int fd, short what, Callback callback)
    : state_(std::make_unique<State>(State{loop, std::move(callback)})),
      handle_(::event_new(loop.base_.get(), fd, what, dispatch, state_.get())) {
  if (!handle_) throw base::Error("preparing an event: libevent refuses");
}

Event Event::readable(EventLoop& loop, int fd, Callback callback) {
  return {loop, fd, EV_READ | EV_PERSIST, std::move(callback)};
}

Event Event::writable(EventLoop& loop, int fd, Callback callback) {
  return {loop, fd, EV_WRITE | EV_PERSIST, std::move(callback)};
}

Event Event::signal(EventLoop& loop, int number, Callback callback) {
  return {loop, number, EV_SIGNAL | EV_PERSIST, std::move(callback)};
}

Event Event::timer(EventLoop& loop, Callback callback) {
  return {loop, -1, 0, std::move(callback)};
}

void Event::start() {
  if (::event_add(handle_.get(), nullptr) != 0) throw base::Error("waiting: libevent refuses");
}

void Event::start_in(std::chrono::milliseconds delay) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(delay);
  const std::chrono::microseconds rest = delay - seconds;
  const timeval time{static_cast<time_t>(seconds.count()), static_cast<suseconds_t>(rest.count())};
  if (::event_add(handle_.get(), &time) != 0) throw base::Error("waiting: libevent refuses");
}

void Event::stop() {
  ::event_del(handle_.get());
}

bool Event::is_waiting() const {
  return ::event_pending(handle_.get(), EV_READ | EV_WRITE | EV_TIMEOUT | EV_SIGNAL, nullptr) != 0;
}

void Event::run_soon() {
  ::event_active(handle_.get(), EV_TIMEOUT, 0);
}

void Event::dispatch(int /*fd*/, short /*what*/, void* state) noexcept {
  auto& self = *static_cast<State*>(state);
  EventLoop& loop = self.loop;
  try {
    self.callback();
  } catch (...) {
    loop.fail(std::current_exception());
  }
}

}  // namespace mirrorway::mirrorlist_client
