#include "common/wire/frame.h"

#include <google/protobuf/message_lite.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/base/error.h"

namespace mirrorway::wire {
namespace {

void store_le32(std::uint32_t value, char* bytes) {
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
}

std::uint32_t load_le32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

std::size_t frame_bytes(const google::protobuf::MessageLite& message) {
  const std::size_t payload_bytes = message.ByteSizeLong();
  MIRRORWAY_ASSERT(payload_bytes <= kMaxResponseBytes);
  return kHeaderBytes + payload_bytes;
}

// `place` has frame_bytes(message), called just before.
void write_frame(std::uint32_t id, const google::protobuf::MessageLite& message,
                 std::span<char> place) {
  const auto header = encode_header({static_cast<std::uint32_t>(place.size() - kHeaderBytes), id});
  std::memcpy(place.data(), header.data(), header.size());
  message.SerializeWithCachedSizesToArray(
      reinterpret_cast<std::uint8_t*>(place.data() + header.size()));
}

}  // namespace

std::array<char, kHeaderBytes> encode_header(FrameHeader header) {
  std::array<char, kHeaderBytes> bytes{};
  store_le32(header.payload_bytes, bytes.data());
  store_le32(header.id, bytes.data() + 4);
  return bytes;
}

std::optional<FrameHeader> decode_header(std::string_view bytes, std::size_t max_payload_bytes) {
  MIRRORWAY_ASSERT(bytes.size() == kHeaderBytes);
  const FrameHeader header{load_le32(bytes), load_le32(bytes.substr(4))};
  if (header.payload_bytes > max_payload_bytes) return std::nullopt;
  return header;
}

std::span<char> ByteQueue::space(std::size_t least) {
  if (capacity_ - end_ < least) {
    // Usually nothing or a frame's cut-off beginning is left at this point.
    const std::size_t rest = end_ - begin_;
    if (capacity_ < rest + least) {
      // Twice as much, so that many small pieces are not copied again and again.
      capacity_ = std::max(rest + least, std::min(2 * capacity_, rest + kMaxResponseBytes));
      // NOLINTNEXTLINE(modernize-avoid-c-arrays): as in the header
      auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
      if (rest > 0) std::memcpy(larger.get(), memory_.get() + begin_, rest);
      memory_ = std::move(larger);
    } else {
      std::memmove(memory_.get(), memory_.get() + begin_, rest);
    }
    begin_ = 0;
    end_ = rest;
  }
  return {memory_.get() + end_, capacity_ - end_};
}

void append_frame(std::uint32_t id, const google::protobuf::MessageLite& message,
                  ByteQueue& queue) {
  const std::size_t bytes = frame_bytes(message);
  write_frame(id, message, queue.space(bytes).first(bytes));
  queue.commit(bytes);
}

void append_frame(std::uint32_t id, const google::protobuf::MessageLite& message,
                  std::string& buffer) {
  const std::size_t begin = buffer.size();
  buffer.resize(begin + frame_bytes(message));
  write_frame(id, message, std::span(buffer).subspan(begin));
}

void FrameBuffer::append(std::string_view bytes) {
  std::copy(bytes.begin(), bytes.end(), space(bytes.size()).begin());
  commit(bytes.size());
}

FrameBuffer::State FrameBuffer::next(Frame& frame) {
  const std::string_view rest = queue_.bytes();
  if (rest.size() < kHeaderBytes) return State::kIncomplete;
  const auto header = decode_header(rest.substr(0, kHeaderBytes), max_payload_bytes_);
  if (!header) return State::kCorrupt;
  if (rest.size() - kHeaderBytes < header->payload_bytes) return State::kIncomplete;
  frame = {header->id, rest.substr(kHeaderBytes, header->payload_bytes)};
  queue_.drop(kHeaderBytes + header->payload_bytes);
  return State::kFrame;
}

}  // namespace mirrorway::wire
