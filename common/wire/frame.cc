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

void append_frame(std::uint32_t id, const google::protobuf::MessageLite& message,
                  std::string& buffer) {
  const std::size_t payload_bytes = message.ByteSizeLong();
  MIRRORWAY_ASSERT(payload_bytes <= kMaxResponseBytes);
  const auto header = encode_header({static_cast<std::uint32_t>(payload_bytes), id});
  const std::size_t begin = buffer.size() + header.size();
  buffer.append(header.data(), header.size());
  buffer.resize(begin + payload_bytes);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(buffer.data() + begin));
}

std::span<char> FrameBuffer::space(std::size_t least) {
  if (capacity_ - end_ < least) {
    // Only a frame's cut-off beginning is left at this point, unless the peer is far ahead.
    const std::size_t rest = end_ - begin_;
    if (capacity_ < rest + least) {
      capacity_ = rest + least;
      auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
      if (rest > 0) std::memcpy(larger.get(), bytes_.get() + begin_, rest);
      bytes_ = std::move(larger);
    } else {
      std::memmove(bytes_.get(), bytes_.get() + begin_, rest);
    }
    begin_ = 0;
    end_ = rest;
  }
  return {bytes_.get() + end_, capacity_ - end_};
}

void FrameBuffer::append(std::string_view bytes) {
  std::copy(bytes.begin(), bytes.end(), space(bytes.size()).begin());
  commit(bytes.size());
}

FrameBuffer::State FrameBuffer::next(Frame& frame) {
  const std::string_view rest(bytes_.get() + begin_, end_ - begin_);
  if (rest.size() < kHeaderBytes) return State::kIncomplete;
  const auto header = decode_header(rest.substr(0, kHeaderBytes), max_payload_bytes_);
  if (!header) return State::kCorrupt;
  if (rest.size() - kHeaderBytes < header->payload_bytes) return State::kIncomplete;
  frame = {header->id, rest.substr(kHeaderBytes, header->payload_bytes)};
  begin_ += kHeaderBytes + header->payload_bytes;
  return State::kFrame;
}

}  // namespace mirrorway::wire
