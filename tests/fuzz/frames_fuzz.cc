// Frames come from whoever can open the Unix socket; what is in them is answered as any request.

#include <google/protobuf/stubs/logging.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/answer/lookup.h"
#include "common/wire/frame.h"
#include "tests/support/network.h"

using namespace mirrorway;

namespace {

class Fixture {
 public:
  Fixture() : block_(network().block()), image_(block_) {
    google::protobuf::SetLogHandler(nullptr);  // as in the server's children
  }

  void answer(std::string_view payload) const {
    proto::LookupRequest request;
    if (!request.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return;
    const auto response = answer::answer_lookup(image_, geo::GeoDatabase(), selection::Policy(),
                                                request, std::chrono::system_clock::time_point());
    const auto status = response.status();
    MIRRORWAY_ASSERT(status == 200 || status == 302 || status == 400 || status == 404);
    MIRRORWAY_ASSERT((status == 302) == !response.location().empty());
    // Whatever is echoed, it cannot begin a line of its own or end the text without one. What is
    // said of a missing metalink is one line, others begin with a comment. Documents of other forms
    // are for answer_writers_fuzz.
    const std::string& body = response.body();
    const bool is_text = status >= 400 || (status == 200 && request.form() == proto::MIRRORLIST);
    MIRRORWAY_ASSERT(!is_text || (!body.empty() && body.back() == '\n' &&
                                  (body.front() == '#' || body.find('\n') == body.size() - 1)));
    MIRRORWAY_ASSERT(body.find('\r') == std::string::npos);
  }

 private:
  static tests::Network network() {
    tests::Network network;
    network.add_host("a.example", "DE");
    network.add_host("b.example", "US");
    network.set_partial({1});
    network.add_redirect("old", "os");
    return network;
  }

  std::vector<std::byte> block_;
  snapshot::Image image_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Fixture kFixture;
  wire::FrameBuffer buffer(wire::kMaxRequestBytes);
  // In two pieces: the cut is where a stream may be cut.
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  for (const std::string_view piece : {stream.substr(0, size / 2), stream.substr(size / 2)}) {
    buffer.append(piece);
    wire::FrameBuffer::Frame frame{};
    while (buffer.next(frame) == wire::FrameBuffer::State::kFrame) kFixture.answer(frame.payload);
  }
  return 0;
}
