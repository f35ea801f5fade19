#include "cache_builder/mirrormanager/reader.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/base/file.h"

namespace mirrorway::cache_builder {
namespace {

using mirrormanager::MirrorList;

constexpr std::size_t kWindowBytes = 1 << 20;
// Of one field: a directory with the most hosts that a snapshot may have is below 8 MiB.
constexpr std::uint64_t kMaxFieldBytes = 64 << 20;

// Wire types of protobuf.
constexpr unsigned kVarint = 0;
constexpr unsigned kFixed64 = 1;
constexpr unsigned kLengthDelimited = 2;
constexpr unsigned kFixed32 = 5;

constexpr std::array<std::string_view, 17> kNames{"",
                                                  "Time",
                                                  "NetblockCountryCache",
                                                  "LocationCache",
                                                  "HCUrlCache",
                                                  "FileDetailsCache",
                                                  "DisabledRepositoryCache",
                                                  "CountryContinentRedirectCache",
                                                  "RepositoryRedirectCache",
                                                  "RepoArchToDirectoryName",
                                                  "HostAsnCache",
                                                  "HostMaxConnectionCache",
                                                  "HostCountryCache",
                                                  "HostBandwidthCache",
                                                  "HostCountryAllowedCache",
                                                  "HostNetblockCache",
                                                  "MirrorListCache"};

bool is_known(int number) {
  return number > 0 && static_cast<std::size_t>(number) < kNames.size();
}

unsigned wire_type_of(int number) {
  return number == MirrorList::kTimeFieldNumber ? kVarint : kLengthDelimited;
}

}  // namespace

CacheFile::CacheFile(const std::string& path) : path_(path), fd_(base::open_regular(path).fd) {
  const struct stat status = examine();
  size_ = static_cast<std::uint64_t>(status.st_size);
  modified_ = status.st_mtim;
}

struct stat CacheFile::examine() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) throw base::IoError(errno, "examining {}", path_);
  return status;
}

std::string_view CacheFile::view(std::uint64_t offset, std::size_t length) {
  const bool is_inside =
      offset >= window_offset_ && offset + length <= window_offset_ + window_.size();
  if (!is_inside) {
    window_.resize(std::min<std::uint64_t>(std::max(length, kWindowBytes), size_ - offset));
    window_offset_ = offset;
    for (std::size_t done = 0; done < window_.size();) {
      const ssize_t n = ::pread(fd_.get(), window_.data() + done, window_.size() - done,
                                static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw base::IoError(errno, "reading {}", path_);
      if (n == 0) throw base::Error("it was cut short while it was read");
      done += static_cast<std::size_t>(n);
    }
  }
  return std::string_view(window_).substr(offset - window_offset_, length);
}

void CacheFile::check_unchanged() {
  const struct stat status = examine();
  if (static_cast<std::uint64_t>(status.st_size) != size_ ||
      status.st_mtim.tv_sec != modified_.tv_sec || status.st_mtim.tv_nsec != modified_.tv_nsec)
    throw base::Error("it was changed while it was read; try again when its builder is done");
}

std::string CacheWalker::place() const {
  if (number_ == 0) return fmt::format("byte {}", start_);
  return fmt::format("byte {}, field {}{}({})", start_,
                     is_known(number_) ? kNames[static_cast<std::size_t>(number_)] : "",
                     is_known(number_) ? " " : "", number_);
}

std::uint64_t CacheWalker::read_varint() {
  constexpr unsigned kMaxVarintBytes = 10;
  const std::uint64_t left = bytes_.size() - at_;
  const std::string_view text = bytes_.view(at_, std::min<std::uint64_t>(left, kMaxVarintBytes));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (i == kMaxVarintBytes - 1 && byte > 1) break;
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << (7 * i);
    if (byte < 0x80U) {
      at_ += i + 1;
      return value;
    }
  }
  throw text.size() < kMaxVarintBytes ? error("cut off within a number")
                                      : error("damaged: a number of more than 64 bits");
}

void CacheWalker::skip(std::uint64_t length) {
  const std::uint64_t left = bytes_.size() - at_;
  if (length > left) throw error("cut off: {} bytes are promised, {} are left", length, left);
  payload_ = at_;
  length_ = length;
  at_ += length;
}

bool CacheWalker::next() {
  start_ = at_;
  number_ = 0;
  if (at_ == bytes_.size()) return false;
  const std::uint64_t tag = read_varint();
  const auto type = static_cast<unsigned>(tag & 7U);
  constexpr std::uint64_t kMaxNumber = (1U << 29U) - 1;
  if (tag >> 3U == 0 || tag >> 3U > kMaxNumber)
    throw error("damaged: {} is no field number", tag >> 3U);
  number_ = static_cast<int>(tag >> 3U);
  if (is_known(number_) && type != wire_type_of(number_))
    throw error("damaged: wire type {} where {} belongs", type, wire_type_of(number_));
  switch (type) {
    case kVarint:
      integer_ = read_varint();
      break;
    case kFixed64:
      skip(8);
      break;
    case kLengthDelimited:
      skip(read_varint());
      break;
    case kFixed32:
      skip(4);
      break;
    default:
      throw error("damaged: wire type {}", type);
  }
  return true;
}

void CacheWalker::parse(google::protobuf::MessageLite& message) {
  if (length_ > kMaxFieldBytes)
    throw error("{} bytes, more than the {} allowed", length_, kMaxFieldBytes);
  const std::string_view bytes = bytes_.view(payload_, static_cast<std::size_t>(length_));
  if (!message.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())))
    throw error("damaged: {} bytes that are no such field", length_);
}

}  // namespace mirrorway::cache_builder
