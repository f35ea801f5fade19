#include "common/snapshot/file.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <span>
#include <vector>

#include "common/base/error.h"
#include "common/base/file.h"

namespace mirrorway::snapshot {
namespace {

constexpr std::string_view kMagic = "MIRRORWY";
// Magic, version (u32), zero (u32), payload length (u64), SHA-256 of the payload; numbers
// little-endian.
constexpr std::size_t kDigestOffset = 24;
static_assert(kHeaderBytes == kDigestOffset + sizeof(base::Sha256));
constexpr int kPieceBytes = 1 << 18;

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

// Hands protobuf's output on. What a handler throws must not pass through protobuf, which would
// call it again.
class Pieces : public google::protobuf::io::CopyingOutputStream {
 public:
  explicit Pieces(const std::function<void(std::string_view)>& handle) : handle_(handle) {}

  bool Write(const void* bytes, int size) override {
    if (error_) return false;
    try {
      handle_({static_cast<const char*>(bytes), static_cast<std::size_t>(size)});
    } catch (...) {
      error_ = std::current_exception();
    }
    return !error_;
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  const std::function<void(std::string_view)>& handle_;
  std::exception_ptr error_;
};

void serialise(const proto::Snapshot& snapshot,
               const std::function<void(std::string_view)>& handle) {
  Pieces pieces(handle);
  bool is_good = false;
  {
    google::protobuf::io::CopyingOutputStreamAdaptor adaptor(&pieces, kPieceBytes);
    google::protobuf::io::CodedOutputStream coded(&adaptor);
    coded.SetSerializationDeterministic(true);
    is_good = snapshot.SerializeToCodedStream(&coded);
    coded.Trim();
    is_good = adaptor.Flush() && is_good;
  }
  pieces.rethrow();
  if (!is_good) throw base::Error("serialising a snapshot failed");
}

// The digest of the payload that a header promises; `file_bytes` is the size of the file that it
// begins.
std::string_view check_header(std::string_view header, std::size_t file_bytes) {
  if (header.empty()) throw base::Error("the file is empty");
  if (header.substr(0, kMagic.size()) != kMagic)
    throw base::Error("no Mirrorway snapshot (it does not start with {})", kMagic);
  if (header.size() < kHeaderBytes)
    throw base::Error("cut off: {} bytes do not even hold the header", header.size());
  const std::uint64_t version = load_le(header.substr(8, 4));
  if (version != kFormatVersion)
    throw base::Error("format version {}; this program reads version {}", version, kFormatVersion);
  const std::uint64_t length = load_le(header.substr(16, 8));
  const std::size_t payload_bytes = file_bytes - kHeaderBytes;
  if (payload_bytes != length)
    throw base::Error("{}: {} bytes after the header, which promises {}",
                      payload_bytes < length ? "cut off" : "too long", payload_bytes, length);
  if (load_le(header.substr(12, 4)) != 0) throw base::Error("damaged: the header is none");
  return header.substr(kDigestOffset, sizeof(base::Sha256));
}

void check_digest(std::string_view expected, const base::Sha256& digest) {
  if (as_text(digest) != expected) throw base::Error("damaged: the checksum does not match");
}

// The payload, proven complete and undamaged.
std::string_view checked_payload(std::string_view bytes) {
  const std::string_view digest = check_header(bytes.substr(0, kHeaderBytes), bytes.size());
  const std::string_view payload = bytes.substr(kHeaderBytes);
  check_digest(digest, base::sha256(payload));
  return payload;
}

[[noreturn]] void refuse_payload() {
  throw base::Error("damaged: the payload is no snapshot message");
}

template <typename Message>
Message parse_payload(std::string_view bytes) {
  const std::string_view payload = checked_payload(bytes);
  Message message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) refuse_payload();
  return message;
}

// Whoever publishes renames, so an open file stays as it is.
class SnapshotOnDisk {
 public:
  explicit SnapshotOnDisk(const std::filesystem::path& path)
      : path_(path), file_(base::open_regular(path, kMaxSnapshotBytes)) {}

  // Twice through the file: nothing is parsed before the checksum has proven it.
  LoadedFile load() const {
    std::vector<char> piece(kPieceBytes);
    const std::size_t got = read_at(0, {piece.data(), kHeaderBytes});
    const std::string header(piece.data(), got);
    const std::string_view expected = check_header(header, file_.size);
    base::RunningSha256 sha256;
    for (std::size_t at = kHeaderBytes; at < file_.size;) {
      const std::size_t more = read_at(at, piece);
      if (more == 0) throw base::Error("cut off while it was read");
      sha256.add({piece.data(), more});
      at += more;
    }
    check_digest(expected, sha256.finish());
    LoadedFile loaded;
    loaded.digest = base::to_hex(expected);
    parse(loaded.snapshot);
    validate(loaded.snapshot);
    return loaded;
  }

 private:
  std::size_t read_at(std::size_t offset, std::span<char> into) const {
    ssize_t got = 0;
    do {
      got = ::pread(file_.fd.get(), into.data(), into.size(), static_cast<off_t>(offset));
    } while (got < 0 && errno == EINTR);
    if (got < 0) throw base::IoError(errno, "reading {}", path_.string());
    return static_cast<std::size_t>(got);
  }

  void parse(proto::Snapshot& snapshot) const {
    if (::lseek(file_.fd.get(), kHeaderBytes, SEEK_SET) < 0)
      throw base::IoError(errno, "reading {}", path_.string());
    google::protobuf::io::FileInputStream stream(file_.fd.get(), kPieceBytes);
    const bool is_good = snapshot.ParseFromBoundedZeroCopyStream(
        &stream, static_cast<int>(file_.size - kHeaderBytes));
    if (stream.GetErrno() != 0)
      throw base::IoError(stream.GetErrno(), "reading {}", path_.string());
    if (!is_good) refuse_payload();
  }

  const std::filesystem::path& path_;
  base::RegularFile file_;
};

}  // namespace

FileEncoder::FileEncoder(const proto::Snapshot& snapshot)
    : snapshot_(snapshot), payload_bytes_(snapshot.ByteSizeLong()), digest_() {
  validate(snapshot);
  if (size() > kMaxSnapshotBytes)
    throw base::Error("a snapshot of {} bytes exceeds the {} allowed", size(), kMaxSnapshotBytes);
  base::RunningSha256 sha256;
  serialise(snapshot, [&](std::string_view piece) { sha256.add(piece); });
  digest_ = sha256.finish();
}

std::string FileEncoder::digest() const {
  return base::to_hex(as_text(digest_));
}

void FileEncoder::write(const std::function<void(std::string_view)>& append) const {
  std::string header(kHeaderBytes, '\0');
  header.replace(0, kMagic.size(), kMagic);
  store_le(kFormatVersion, 4, &header[8]);
  store_le(payload_bytes_, 8, &header[16]);
  header.replace(kDigestOffset, digest_.size(), as_text(digest_));
  append(header);
  serialise(snapshot_, append);
}

proto::Snapshot decode_file(std::string_view bytes) {
  auto snapshot = parse_payload<proto::Snapshot>(bytes);
  validate(snapshot);
  return snapshot;
}

LoadedFile load_file(const std::filesystem::path& path) {
  const SnapshotOnDisk file(path);
  try {
    return file.load();
  } catch (const base::IoError&) {
    throw;
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
