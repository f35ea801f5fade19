#include "common/snapshot/file.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <array>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/file.h"

namespace mirrorway::snapshot {
namespace {

constexpr std::string_view kMagic = "MIRRORWY";
// Magic, version (u32), zero (u32), payload length (u64), SHA-256 of the payload; numbers
// little-endian.
constexpr std::size_t kDigestOffset = 24;
constexpr std::size_t kHeaderBytes = kDigestOffset + 32;

void store_le(std::uint64_t value, unsigned bytes, char* out) {
  for (unsigned i = 0; i < bytes; ++i) out[i] = static_cast<char>(value >> (8 * i));
}

std::uint64_t load_le(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

std::string_view as_text(const base::Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Behind room for the header, so that the payload is in memory once.
std::string serialise(const proto::Snapshot& snapshot) {
  const std::size_t size = kHeaderBytes + snapshot.ByteSizeLong();
  if (size > kMaxSnapshotBytes)
    throw base::Error("a snapshot of {} bytes exceeds the {} allowed", size, kMaxSnapshotBytes);
  std::string file;
  file.reserve(size);
  file.resize(kHeaderBytes);
  google::protobuf::io::StringOutputStream stream(&file);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  if (!snapshot.SerializeToCodedStream(&coded)) throw base::Error("serialising a snapshot failed");
  coded.Trim();
  return file;
}

// The payload, proven complete and undamaged.
std::string_view checked_payload(std::string_view bytes) {
  if (bytes.empty()) throw base::Error("the file is empty");
  if (bytes.substr(0, kMagic.size()) != kMagic)
    throw base::Error("no Mirrorway snapshot (it does not start with {})", kMagic);
  if (bytes.size() < kHeaderBytes)
    throw base::Error("cut off: {} bytes do not even hold the header", bytes.size());
  const std::uint64_t version = load_le(bytes.substr(8, 4));
  if (version != kFormatVersion)
    throw base::Error("format version {}; this program reads version {}", version, kFormatVersion);
  const std::string_view payload = bytes.substr(kHeaderBytes);
  const std::uint64_t length = load_le(bytes.substr(16, 8));
  if (payload.size() != length)
    throw base::Error("{}: {} bytes after the header, which promises {}",
                      payload.size() < length ? "cut off" : "too long", payload.size(), length);
  if (load_le(bytes.substr(12, 4)) != 0 ||
      as_text(base::sha256(payload)) != bytes.substr(kDigestOffset, 32))
    throw base::Error("damaged: the checksum does not match");
  return payload;
}

template <typename Message>
Message parse_payload(std::string_view bytes) {
  const std::string_view payload = checked_payload(bytes);
  Message message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
    throw base::Error("damaged: the payload is no snapshot message");
  return message;
}

}  // namespace

std::string encode_file(const proto::Snapshot& snapshot) {
  validate(snapshot);
  std::string file = serialise(snapshot);
  const std::string_view payload = std::string_view(file).substr(kHeaderBytes);
  const base::Sha256 digest = base::sha256(payload);
  const std::uint64_t length = payload.size();
  file.replace(0, kMagic.size(), kMagic);
  store_le(kFormatVersion, 4, &file[8]);
  store_le(0, 4, &file[12]);
  store_le(length, 8, &file[16]);
  file.replace(kDigestOffset, digest.size(), as_text(digest));
  return file;
}

proto::Snapshot decode_file(std::string_view bytes) {
  auto snapshot = parse_payload<proto::Snapshot>(bytes);
  validate(snapshot);
  return snapshot;
}

proto::Snapshot load_file(const std::filesystem::path& path) {
  const std::string bytes = base::read_file(path, kMaxSnapshotBytes);
  try {
    return decode_file(bytes);
  } catch (const base::Error& error) {
    throw base::Error("{}: {}", path.string(), error.what());
  }
}

proto::SnapshotOrigin decode_origin(std::string_view bytes) {
  return parse_payload<proto::SnapshotOrigin>(bytes);
}

std::string file_digest(std::string_view bytes) {
  MIRRORWAY_ASSERT(bytes.size() >= kHeaderBytes);
  return base::to_hex(bytes.substr(kDigestOffset, 32));
}

}  // namespace mirrorway::snapshot
