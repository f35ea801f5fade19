#include "common/answer/file_facts.h"

#include <algorithm>
#include <array>

#include "common/base/digest.h"

namespace mirrorway::answer {
namespace {

using snapshot::Digest;

struct Names {
  std::string_view plain;
  std::string_view iana;
  std::string_view header;       // in Digest
  std::string_view repr_header;  // in Repr-Digest; empty: not used
};

// In the order of snapshot::Digest.
constexpr std::array<Names, snapshot::kDigests.size()> kNames{{
    {"md5", "md5", "MD5", ""},
    {"sha1", "sha-1", "SHA", ""},
    {"sha256", "sha-256", "SHA-256", "sha-256"},
    {"sha512", "sha-512", "SHA-512", "sha-512"},
}};

const Names& names_of(Digest digest) {
  return kNames[static_cast<std::size_t>(digest)];
}

}  // namespace

std::string_view digest_name(Digest digest) {
  return names_of(digest).plain;
}

std::string_view digest_iana_name(Digest digest) {
  return names_of(digest).iana;
}

bool has_digest(const snapshot::Image& image, const snapshot::FileRecord& file) {
  const auto& digests = image.versions(file).front().digests;
  return std::any_of(digests.begin(), digests.end(),
                     [](const snapshot::TextRef& digest) { return digest.length != 0; });
}

std::optional<Digest> digest_of_form(proto::Form form) {
  switch (form) {
    case proto::MD5:
      return Digest::kMd5;
    case proto::SHA1:
      return Digest::kSha1;
    case proto::SHA256:
      return Digest::kSha256;
    case proto::SHA512:
      return Digest::kSha512;
    default:
      return std::nullopt;
  }
}

std::string format_digest_file(std::string_view digest, std::string_view name) {
  // A backslash in a name is doubled, and one at the start of the line says so.
  std::string line = base::to_hex(digest) + "  ";
  for (const char c : name) {
    if (c == '\\') line += '\\';
    line += c;
  }
  const bool is_escaped = name.find('\\') != std::string_view::npos;
  return (is_escaped ? "\\" : "") + line + '\n';
}

std::string format_digest_header(const snapshot::Image& image,
                                 const snapshot::FileVersionRecord& version) {
  std::string value;
  for (const Digest digest : {Digest::kSha512, Digest::kSha256, Digest::kSha1, Digest::kMd5}) {
    const std::string_view bytes = image.digest(version, digest);
    if (bytes.empty()) continue;
    if (!value.empty()) value += ',';
    value += names_of(digest).header;
    value += '=' + base::to_base64(bytes);
  }
  return value;
}

std::string format_repr_digest_header(const snapshot::Image& image,
                                      const snapshot::FileVersionRecord& version) {
  std::string value;
  for (const Digest digest : {Digest::kSha512, Digest::kSha256}) {
    const std::string_view bytes = image.digest(version, digest);
    if (bytes.empty()) continue;
    if (!value.empty()) value += ", ";
    value += names_of(digest).repr_header;
    value += "=:" + base::to_base64(bytes) + ':';
  }
  return value;
}

}  // namespace mirrorway::answer
