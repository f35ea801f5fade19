// Digests, of Nettle, and how bytes are written as text.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mirrorway::base {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);

// The same of pieces: add them, then finish once.
class RunningSha256 {
 public:
  RunningSha256();
  RunningSha256(const RunningSha256&) = delete;
  RunningSha256& operator=(const RunningSha256&) = delete;
  ~RunningSha256();

  void add(std::string_view bytes);
  Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What metalinks say of a file. The digests are bytes, not text.
struct FileFacts {
  std::int64_t size = 0;       // bytes
  std::int64_t timestamp = 0;  // of the last change, Unix seconds
  std::string md5;
  std::string sha1;
  std::string sha256;
  std::string sha512;
};

// Reads the file once, in pieces. Throws IoError, or Error when it is no regular file or changes
// meanwhile.
FileFacts read_file_facts(const std::filesystem::path& path);

// Lower case.
std::string to_hex(std::string_view bytes);
void append_hex(std::string_view bytes, std::string& out);

// With padding, without line breaks (RFC 4648).
std::string to_base64(std::string_view bytes);

// Either case; nullopt for an odd length or another character.
std::optional<std::string> from_hex(std::string_view text);

}  // namespace mirrorway::base
