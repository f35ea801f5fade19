// What is known of a file beside its mirrors: digests, in the spellings of their users.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/snapshot/image.h"
#include "proto/lookup.pb.h"

namespace mirrorway::answer {

// "md5", "sha1", "sha256", "sha512": in Metalink 3.0 and as endings of digest files.
std::string_view digest_name(snapshot::Digest digest);
// "md5", "sha-1", "sha-256", "sha-512": in Metalink 4 (IANA's registry of hash names).
std::string_view digest_iana_name(snapshot::Digest digest);

// Whether the file's current version can be told from others.
bool has_digest(const snapshot::Image& image, const snapshot::FileRecord& file);

// The digest that a form of answer consists of.
std::optional<snapshot::Digest> digest_of_form(proto::Form form);

// One line as md5sum, sha256sum and the like write and read it: digest, two blanks, name.
std::string format_digest_file(std::string_view digest, std::string_view name);

// The header Digest (RFC 3230): "SHA-256=…,MD5=…", in base64. Empty when no digest is known.
std::string format_digest_header(const snapshot::Image& image,
                                 const snapshot::FileVersionRecord& version);
// The header Repr-Digest (RFC 9530), which knows neither MD5 nor SHA-1 as fit for use.
std::string format_repr_digest_header(const snapshot::Image& image,
                                      const snapshot::FileVersionRecord& version);

}  // namespace mirrorway::answer
