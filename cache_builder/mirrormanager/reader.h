// Reading MirrorManager's cache (proto/mirrormanager.proto) field by field, whatever its size. The
// file comes from outside: no length in it is believed before it is compared with what is left.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/error.h"
#include "common/base/fd.h"
#include "proto/mirrormanager.pb.h"

namespace mirrorway::cache_builder {

// Where the bytes of a cache lie.
class CacheBytes {
 public:
  CacheBytes() = default;
  CacheBytes(const CacheBytes&) = delete;
  CacheBytes& operator=(const CacheBytes&) = delete;
  virtual ~CacheBytes() = default;

  virtual std::uint64_t size() const = 0;
  // These bytes, all below size(); the view holds until the next call.
  virtual std::string_view view(std::uint64_t offset, std::size_t length) = 0;
  // Throws base::Error when what was read may be half one file and half another.
  virtual void check_unchanged() = 0;
};

// Reads in pieces instead of mapping the file: MirrorManager rewrites its cache in place, and a
// mapped file that is cut short under its reader is a SIGBUS, not an error.
class CacheFile : public CacheBytes {
 public:
  // Throws base::IoError, as view() does, or base::Error when it is no regular file.
  explicit CacheFile(const std::string& path);

  std::uint64_t size() const override { return size_; }
  std::string_view view(std::uint64_t offset, std::size_t length) override;
  void check_unchanged() override;

 private:
  struct stat examine() const;

  std::string path_;
  base::Fd fd_;
  std::uint64_t size_ = 0;
  struct timespec modified_ {};
  std::string window_;
  std::uint64_t window_offset_ = 0;
};

// Stands on one field of the MirrorList at a time.
class CacheWalker {
 public:
  // Before the first field. `bytes` must outlive this object.
  explicit CacheWalker(CacheBytes& bytes) : bytes_(bytes) {}

  // To the next field; false at the end. Fields that the schema does not know count as any other.
  // Throws base::Error with place and field when the file is damaged or cut off.
  bool next();

  // Of the field that next() went to, which must be in the schema:
  int number() const { return number_; }
  std::uint64_t integer() const { return integer_; }
  // Replaces the message by the field's content.
  void parse(google::protobuf::MessageLite& message);

  // An error that begins with place and name of this field.
  template <typename... Args>
  base::Error error(fmt::format_string<Args...> format, Args&&... args) const {
    return base::Error("{}: {}", place(), fmt::format(format, std::forward<Args>(args)...));
  }
  // Throws it for a part of this field that must be there: require(m.has_key(), "key", 1).
  void require(bool is_there, std::string_view part, int number) const {
    if (!is_there) throw error("its field {} ({}) is missing", part, number);
  }

 private:
  std::string place() const;
  std::uint64_t read_varint();
  void skip(std::uint64_t length);

  CacheBytes& bytes_;
  std::uint64_t at_ = 0;     // where the next field starts
  std::uint64_t start_ = 0;  // of this one
  int number_ = 0;
  std::uint64_t integer_ = 0;
  std::uint64_t payload_ = 0;
  std::uint64_t length_ = 0;
};

}  // namespace mirrorway::cache_builder
