// A blocking HTTP client that sends and receives exactly what a test says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/fd.h"

namespace mirrorway::tests {

struct HttpAnswer {
  unsigned status = 0;  // 0: the connection ended
  std::string head;
  std::string body;
};

class HttpPeer {
 public:
  // To 127.0.0.1.
  explicit HttpPeer(std::uint16_t port);

  void send(std::string_view bytes) const;
  void get(std::string_view target) const;
  // The next answer, by its Content-Length; without body for HEAD.
  HttpAnswer read(bool has_body = true);
  // Whether the connection ends, with nothing more being sent, before patience does.
  bool is_closed();
  void close_sending() const;
  void close() { socket_.reset(); }

 private:
  bool receive();

  base::Fd socket_;
  std::string received_;
};

// In a connection of its own.
HttpAnswer fetch(std::uint16_t port, std::string_view target);

}  // namespace mirrorway::tests
