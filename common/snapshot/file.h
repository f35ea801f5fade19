// The snapshot file: a header that proves the rest, and one protobuf message. Layout and rules:
// proto/SNAPSHOT.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/digest.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::snapshot {

// Part of the header; readers refuse every other number.
inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kHeaderBytes = 56;
inline constexpr std::size_t kMaxSnapshotBytes = std::size_t{1} << 30U;

// The file of a message, in pieces: beside a big message there is no room for its bytes. Identical
// messages give identical bytes.
class FileEncoder {
 public:
  // Throws base::Error when the message breaks a rule that decode_file would refuse, so that no
  // writer can publish what no reader accepts. `snapshot` must outlive this object and stay as it
  // is.
  explicit FileEncoder(const proto::Snapshot& snapshot);

  std::size_t size() const { return kHeaderBytes + payload_bytes_; }
  // As file_digest has it.
  std::string digest() const;
  // Calls `append` for one piece after the other; it may throw.
  void write(const std::function<void(std::string_view)>& append) const;

 private:
  const proto::Snapshot& snapshot_;
  std::size_t payload_bytes_;
  base::Sha256 digest_;
};

// Throws base::Error that says what is wrong: no snapshot at all, another format version, cut off,
// damaged, or a rule broken (with the first offending entry).
proto::Snapshot decode_file(std::string_view bytes);

struct LoadedFile {
  proto::Snapshot snapshot;
  std::string digest;  // as file_digest has it
};

// The same for a file on disk, which every message names, read in pieces. Throws base::IoError,
// too.
LoadedFile load_file(const std::filesystem::path& path);

// What a complete and undamaged file was made of, at a fraction of decode_file's cost: no other
// rule is checked. Throws base::Error as decode_file does.
proto::SnapshotOrigin decode_origin(std::string_view bytes);

// The SHA-256 in the header of a well-formed file, in hexadecimal; names a snapshot in logs.
std::string file_digest(std::string_view bytes);

// The rules of SNAPSHOT.md: order, indexes in range, forms and bounds. Throws base::Error.
void validate(const proto::Snapshot& snapshot);

}  // namespace mirrorway::snapshot
