// Frames over the Unix socket between mirrorlist_client and mirrorlist_server. Layout, order and
// time-outs: proto/LOOKUP.md. Both peers are untrusted: no length is believed before it is checked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace google::protobuf {
class MessageLite;
}

namespace mirrorway::wire {

// Largest payloads. A request is a few hundred bytes; the longest answer is a list of every host.
inline constexpr std::size_t kMaxRequestBytes = std::size_t{64} << 10U;
inline constexpr std::size_t kMaxResponseBytes = std::size_t{8} << 20U;

inline constexpr std::size_t kHeaderBytes = 8;

struct FrameHeader {
  std::uint32_t payload_bytes;
  std::uint32_t id;  // chosen by the client; the response carries the request's
};

std::array<char, kHeaderBytes> encode_header(FrameHeader header);

// `bytes` are exactly kHeaderBytes. nullopt when the payload would exceed max_payload_bytes: the
// stream is then out of step and the connection of no more use.
std::optional<FrameHeader> decode_header(std::string_view bytes, std::size_t max_payload_bytes);

// Bytes that come in at one end and go out at the other. Unlike a string's, its memory is not
// zeroed before it is written.
class ByteQueue {
 public:
  std::string_view bytes() const { return {memory_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }

  // Where to put what comes next, at least as much; then commit() what did. Views end.
  std::span<char> space(std::size_t least);
  void commit(std::size_t bytes) { end_ += bytes; }
  // The first of bytes() have gone; views of them last until the next space().
  void drop(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;  // the same memory again, which the caches know
  }

 private:
  std::unique_ptr<char[]> memory_;  // NOLINT(modernize-avoid-c-arrays): what is not to be zeroed
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// Appends header and serialised message, of at most kMaxResponseBytes.
void append_frame(std::uint32_t id, const google::protobuf::MessageLite& message, ByteQueue& queue);
void append_frame(std::uint32_t id, const google::protobuf::MessageLite& message,
                  std::string& buffer);

// Collects what a socket delivers and cuts it into frames.
class FrameBuffer {
 public:
  explicit FrameBuffer(std::size_t max_payload_bytes) : max_payload_bytes_(max_payload_bytes) {}

  struct Frame {
    std::uint32_t id;
    std::string_view payload;  // valid until the next space() or append()
  };
  enum class State { kFrame, kIncomplete, kCorrupt };

  // As ByteQueue's.
  std::span<char> space(std::size_t least) { return queue_.space(least); }
  void commit(std::size_t bytes) { queue_.commit(bytes); }
  void append(std::string_view bytes);

  // kFrame: `frame` is the next one, in the order of arrival. kIncomplete: append more. kCorrupt:
  // see decode_header; this is final.
  State next(Frame& frame);

 private:
  std::size_t max_payload_bytes_;
  ByteQueue queue_;
};

}  // namespace mirrorway::wire
