// What goes back over HTTP: from mirrorlist_server's answer, or from a request that it never sees.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/lookup.pb.h"

namespace mirrorway::http {

struct Header {
  std::string_view name;
  std::string value;
};

struct Answer {
  unsigned status;
  std::string_view content_type;  // lives for ever
  std::string body;
  // Besides Content-Type, Content-Length and Date, which every answer has. Never Last-Modified: apt
  // would ask for the rest of a list that has changed meanwhile, and splice the two.
  std::vector<Header> headers;
};

// "Not Found"; "Unknown" for a status that Mirrorway never uses.
std::string_view reason_phrase(unsigned status);

// The form that was asked for, and whether the Accept header had a say in it.
struct Wish {
  proto::Form form = proto::MIRRORLIST;
  bool is_negotiated = false;
  // What a program that keeps the answer should call it; empty: it can see for itself.
  std::string file_name{};
};

// `text` is one line or more, without an LF at the end, and may hold anything: it is escaped for
// the form. In a list it stays text; a metalink's error is a well-formed metalink without files.
Answer make_error(unsigned status, std::string_view text, const Wish& wish = {});

enum class Connection : bool { kCloses, kStays };

// What goes over the wire before the body: status line, headers and an empty line. `date` as
// base::internet_date gives it. The Content-Length is that of the body even where HEAD leaves it
// out. The connection is always spelt out: clients of HTTP/1.0 and 1.1
// assume different things.
std::string encode_head(const Answer& answer, std::string_view date, Connection connection);

// nullopt when the server's message is none that may be passed on: another status than 200, 302,
// 400, 404 and 503, or a header value that is no printable ASCII.
std::optional<Answer> make_answer(proto::LookupResponse&& response, const Wish& wish = {});

}  // namespace mirrorway::http
