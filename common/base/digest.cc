#include "common/base/digest.h"

#include <fcntl.h>
#include <nettle/base64.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

#include "common/base/error.h"
#include "common/base/fd.h"

namespace mirrorway::base {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10U;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10U;
  return std::nullopt;
}

const std::uint8_t* as_bytes(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

// One digest over pieces.
class RunningDigest {
 public:
  explicit RunningDigest(const nettle_hash& algorithm)
      : algorithm_(algorithm), context_(algorithm.context_size / sizeof(std::max_align_t) + 1) {
    algorithm_.init(context_.data());
  }

  void add(std::string_view bytes) {
    algorithm_.update(context_.data(), bytes.size(), as_bytes(bytes));
  }

  std::string finish() {
    std::string digest(algorithm_.digest_size, '\0');
    algorithm_.digest(context_.data(), digest.size(),
                      reinterpret_cast<std::uint8_t*>(digest.data()));
    return digest;
  }

 private:
  const nettle_hash& algorithm_;
  std::vector<std::max_align_t> context_;
};

struct stat status_of(const Fd& fd, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw IoError(errno, "reading {}", path.string());
  return status;
}

}  // namespace

struct RunningSha256::State {
  sha256_ctx context;
};

RunningSha256::RunningSha256() : state_(std::make_unique<State>()) {
  ::sha256_init(&state_->context);
}

RunningSha256::~RunningSha256() = default;

void RunningSha256::add(std::string_view bytes) {
  ::sha256_update(&state_->context, bytes.size(), as_bytes(bytes));
}

Sha256 RunningSha256::finish() {
  Sha256 digest{};
  ::sha256_digest(&state_->context, digest.size(), digest.data());
  return digest;
}

Sha256 sha256(std::string_view bytes) {
  RunningSha256 running;
  running.add(bytes);
  return running.finish();
}

FileFacts read_file_facts(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a named pipe must not wait for its writer.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) throw IoError(errno, "opening {}", path.string());
  const struct stat before = status_of(fd, path);
  if (!S_ISREG(before.st_mode)) throw Error("{} is no regular file", path.string());

  RunningDigest md5(nettle_md5);
  RunningDigest sha1(nettle_sha1);
  RunningDigest sha256(nettle_sha256);
  RunningDigest sha512(nettle_sha512);
  constexpr std::size_t kPieceBytes = 1 << 18;
  std::vector<char> piece(kPieceBytes);
  std::int64_t size = 0;
  for (;;) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw IoError(errno, "reading {}", path.string());
    if (got == 0) break;
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
    for (RunningDigest* const digest : {&md5, &sha1, &sha256, &sha512}) digest->add(bytes);
    size += got;
  }
  const struct stat after = status_of(fd, path);
  if (size != after.st_size || before.st_mtim.tv_sec != after.st_mtim.tv_sec ||
      before.st_mtim.tv_nsec != after.st_mtim.tv_nsec)
    throw Error("{} changed while it was read", path.string());
  return {size,          after.st_mtim.tv_sec, md5.finish(),
          sha1.finish(), sha256.finish(),      sha512.finish()};
}

void append_hex(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::size_t at = out.size();
  out.resize(at + bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out[at++] = kDigits[byte >> 4U];
    out[at++] = kDigits[byte & 15U];
  }
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  append_hex(bytes, text);
  return text;
}

std::string to_base64(std::string_view bytes) {
  std::string text(BASE64_ENCODE_RAW_LENGTH(bytes.size()), '\0');
  ::base64_encode_raw(text.data(), bytes.size(), as_bytes(bytes));
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = hex_digit(text[i]);
    const auto low = hex_digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high << 4U | *low);
  }
  return bytes;
}

}  // namespace mirrorway::base
