#include "common/wire/frame.h"

#include <vector>

#include <catch2/catch.hpp>

#include "proto/lookup.pb.h"

using namespace mirrorway;
using wire::FrameBuffer;

namespace {

proto::LookupRequest request(const std::string& path) {
  proto::LookupRequest message;
  message.set_path(path);
  return message;
}

}  // namespace

TEST_CASE("frames survive whatever pieces the socket delivers them in") {
  std::string stream;
  wire::append_frame(7, request("a"), stream);
  wire::append_frame(8, proto::LookupRequest(), stream);  // no payload at all
  wire::append_frame(0xFFFFFFFF, request(std::string(5000, 'b')), stream);

  const auto piece = GENERATE(values<std::size_t>({1, 3, 8, 100, 100'000}));
  FrameBuffer buffer(wire::kMaxRequestBytes);
  std::vector<std::uint32_t> ids;
  std::vector<std::size_t> lengths;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    buffer.append(std::string_view(stream).substr(at, piece));
    FrameBuffer::Frame frame{};
    while (buffer.next(frame) == FrameBuffer::State::kFrame) {
      proto::LookupRequest decoded;
      REQUIRE(decoded.ParseFromArray(frame.payload.data(), static_cast<int>(frame.payload.size())));
      ids.push_back(frame.id);
      lengths.push_back(decoded.path().size());
    }
  }
  CHECK(ids == std::vector<std::uint32_t>{7, 8, 0xFFFFFFFF});
  CHECK(lengths == std::vector<std::size_t>{1, 0, 5000});
}

TEST_CASE("a length past the bound is corrupt before any payload arrives") {
  const auto header = wire::encode_header({101, 1});
  FrameBuffer buffer(100);
  FrameBuffer::Frame frame{};
  buffer.append({header.data(), header.size() - 1});
  CHECK(buffer.next(frame) == FrameBuffer::State::kIncomplete);
  buffer.append({header.data() + header.size() - 1, 1});
  CHECK(buffer.next(frame) == FrameBuffer::State::kCorrupt);
  CHECK(buffer.next(frame) == FrameBuffer::State::kCorrupt);
}
