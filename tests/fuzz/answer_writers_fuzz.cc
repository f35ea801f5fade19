// Names come from operators, mirrors' admins and clients. Whatever they are, every form of answer
// must be well-formed for its readers, and the names and URLs they read must be those that went in.

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/answer/lookup.h"
#include "common/answer/redirect.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/text.h"
#include "common/http/answer.h"
#include "common/http/lookup.h"
#include "common/net/path.h"
#include "common/net/url.h"
#include "common/snapshot/file.h"
#include "common/snapshot/limits.h"
#include "tests/support/xml.h"

using namespace mirrorway;
using nlohmann::json;
using tests::Element;

namespace {

constexpr std::string_view kTop = "pub/";

// Reads the fuzzer's bytes as values; past their end everything is zero or empty.
class Source {
 public:
  explicit Source(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8U | byte();
    return value;
  }
  bool flag() { return byte() % 2 != 0; }

  // Up to the next LF: a line that a snapshot may hold, and not empty.
  std::string name() {
    const std::size_t end = std::min(bytes_.find('\n'), bytes_.size());
    std::string text = one_line(bytes_.substr(0, std::min(end, snapshot::kMaxNameBytes / 2)));
    bytes_.remove_prefix(std::min(end + 1, bytes_.size()));
    return text.empty() ? "x" : text;
  }

 private:
  // What is no line becomes one: other characters, U+00A0 and up, for its bytes.
  static std::string one_line(std::string_view bytes) {
    if (base::is_one_line(bytes)) return std::string(bytes);
    std::string text;
    for (const char c : bytes) {
      const auto code = 0xA0U + (static_cast<unsigned char>(c) & 0x5FU);
      text += static_cast<char>(0xC0U | code >> 6U);
      text += static_cast<char>(0x80U | (code & 0x3FU));
    }
    return text;
  }

  std::string_view bytes_;
};

std::string file_name(std::string name) {
  std::replace(name.begin(), name.end(), '/', '|');
  return name == "." || name == ".." ? "dots" : name;
}

std::string path(const std::string& name) {
  const auto parsed = net::parse_path(name);
  return parsed && !parsed->empty() ? *parsed : "path";
}

std::string base_url(std::string_view scheme, const std::string& name) {
  const auto parsed = net::parse_base_url(fmt::format("{}://h.example/{}", scheme, name));
  return parsed ? *parsed : fmt::format("{}://h.example", scheme);
}

void add_host(Source& source, proto::Snapshot& snapshot) {
  auto& host = *snapshot.add_hosts();
  host.set_id(static_cast<std::uint64_t>(snapshot.hosts_size()));
  host.set_name(source.name());
  host.set_site(source.name());
  host.set_bandwidth_mbps(1 + source.byte());
  constexpr std::array<const char*, 4> kCountries{"DE", "US", "ZZ", ""};
  host.set_country(kCountries[source.byte() % kCountries.size()]);
  host.set_is_last_resort(source.flag());
  host.set_is_private(source.flag());
  if (source.flag()) {
    host.set_latitude(source.byte() % 90);
    host.set_longitude(source.byte());
    if (host.longitude() > 180) host.set_longitude(-1);
  }
  if (source.flag()) {
    auto& netblock = *host.add_netblocks();
    netblock.set_address(std::string("\x0A\0\0\0", 4));
    netblock.set_length(8);
  }
  auto& carriage = *host.add_carriages();
  const std::string folder = source.name();
  const unsigned first_scheme = source.byte() % 4U;
  const unsigned schemes = source.byte() | 1U << first_scheme;
  for (const net::Scheme scheme : net::kSchemes)
    if ((schemes >> static_cast<unsigned>(scheme) & 1U) != 0)
      carriage.add_urls(base_url(net::scheme_name(scheme), folder));
}

void add_file(Source& source, const std::string& name, proto::Directory& directory) {
  auto& file = *directory.add_files();
  file.set_name(name);
  std::vector<std::int64_t> timestamps(1 + source.byte() % 3U);
  for (auto& timestamp : timestamps) timestamp = static_cast<std::int64_t>(source.number());
  std::sort(timestamps.rbegin(), timestamps.rend());
  for (const std::int64_t timestamp : timestamps) {
    auto& version = *file.add_versions();
    version.set_timestamp(timestamp);
    version.set_size(source.number());
    const std::uint8_t known = source.byte();
    if ((known & 1U) != 0) version.set_md5(std::string(16, static_cast<char>(source.byte())));
    if ((known & 2U) != 0) version.set_sha1(std::string(20, static_cast<char>(source.byte())));
    if ((known & 4U) != 0) version.set_sha256(std::string(32, static_cast<char>(source.byte())));
    if ((known & 8U) != 0) version.set_sha512(std::string(64, static_cast<char>(source.byte())));
  }
}

proto::Snapshot make_snapshot(Source& source) {
  proto::Snapshot snapshot;
  snapshot.set_catalog_time(source.number());
  const int hosts = 1 + source.byte() % 3;
  for (int i = 0; i < hosts; ++i) add_host(source, snapshot);
  auto& category = *snapshot.add_categories();
  category.set_name(source.name());
  category.set_top_directory(std::string(kTop.substr(0, kTop.size() - 1)));
  snapshot.add_host_sets(std::string(1, static_cast<char>((1U << hosts) - 1U)));
  const std::string top(kTop);
  const std::string directory = top + path(source.name());
  std::set<std::string> paths{directory, directory + "/repodata", top + path(source.name())};
  std::set<std::string> names{file_name(source.name()), file_name(source.name())};
  for (const std::string& name : paths) {
    auto& entry = *snapshot.add_directories();
    entry.set_path(name);
    if (name == directory + "/repodata") {
      add_file(source, "repomd.xml", entry);
    } else {
      for (const std::string& file : names) add_file(source, file, entry);
    }
  }
  auto& repository = *snapshot.add_repositories();
  repository.set_name(source.name());
  repository.set_architecture(source.name());
  repository.set_directory(
      static_cast<std::uint32_t>(std::distance(paths.begin(), paths.find(directory))));
  repository.set_is_disabled(source.byte() % 16U == 1);
  for (const char* code : {"DE", "US"}) {
    auto& country = *snapshot.add_countries();
    country.set_code(code);
    country.set_continent(std::string_view(code) == "DE" ? "EU" : "NA");
  }
  if (source.flag()) {
    auto& redirect = *snapshot.add_redirects();
    redirect.set_from(source.name());
    redirect.set_to(repository.name());
    if (redirect.from() == redirect.to()) snapshot.clear_redirects();
  }
  return snapshot;
}

// Mostly for what the snapshot has.
proto::LookupRequest make_request(Source& source, const proto::Snapshot& snapshot) {
  proto::LookupRequest request;
  request.set_form(static_cast<proto::Form>(source.byte() % proto::Form_ARRAYSIZE));
  const std::uint8_t subject = source.byte();
  if (subject % 4U == 0) {
    const auto& repository = snapshot.repositories(0);
    request.set_repository((subject & 4U) != 0 ? source.name() : repository.name());
    request.set_architecture((subject & 8U) != 0 ? source.name() : repository.architecture());
  } else {
    const auto& directory =
        snapshot.directories(static_cast<int>(subject) % snapshot.directories_size());
    std::string wanted = directory.path();
    if ((subject & 16U) != 0) wanted += "/" + directory.files(0).name();
    if ((subject & 32U) != 0) wanted += "/" + file_name(source.name());
    if ((subject & 64U) != 0) request.set_ending("." + file_name(source.name()));
    if ((subject & 128U) != 0 || !request.ending().empty()) request.set_url_path("/" + wanted);
    request.set_path(wanted);
  }
  request.set_client_address(source.flag() ? std::string("\x0A\0\0\1", 4)
                                           : std::string("\xC0\0\2\1", 4));
  const std::uint8_t countries = source.byte();
  if (countries % 8U == 1) request.add_countries("uS");
  if (countries % 8U == 2) request.add_countries("GLOBAL");
  if (countries % 8U == 3) request.add_countries(source.name());
  const std::uint8_t schemes = source.byte();
  if (schemes % 4U == 0)
    for (int scheme = 0; scheme < proto::Scheme_ARRAYSIZE; ++scheme)
      if ((schemes >> (scheme + 2) & 1) != 0)
        request.add_schemes(static_cast<proto::Scheme>(scheme));
  request.set_skip_networks(source.byte() % 4U == 1);
  request.set_show_catalog_time(source.flag());
  request.set_explain(source.flag());
  return request;
}

// Of a text in XML: what XML cannot hold is replaced, byte by byte.
std::string as_in_xml(std::string text) {
  for (const std::string_view lost : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"})
    for (std::size_t at = 0; (at = text.find(lost, at)) != std::string::npos; at += 9)
      text.replace(at, 3, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  return text;
}

// Where the client is to put its own architecture.
std::string for_any(std::string_view path, std::string_view architecture) {
  std::string result;
  for (const std::string_view segment : base::split(path, '/')) {
    if (!result.empty()) result += '/';
    result += segment == architecture ? net::kArchitectureVariable : segment;
  }
  return result;
}

// What is true of the answer to one request, whatever its form.
class Checker {
 public:
  Checker(const proto::Snapshot& snapshot, const proto::LookupRequest& request)
      : snapshot_(snapshot) {
    const std::string wanted = path(request.path());
    for (const std::string& candidate : {wanted, path(request.path() + request.ending())})
      allow(candidate);
    const std::string architecture =
        snapshot.repositories().empty() ? "" : snapshot.repositories(0).architecture();
    for (const auto& directory : snapshot.directories()) {
      allow(directory.path());
      allow(for_any(directory.path(), architecture));
      allow(directory.path() + "/repodata/repomd.xml");
    }
  }

  void check(const http::Answer& answer, proto::Form form) const {
    for (const http::Header& header : answer.headers)
      for (const char c : header.value) MIRRORWAY_ASSERT(c >= ' ' && c < '\x7F');
    if (answer.status == 302) return check_redirect(answer);
    MIRRORWAY_ASSERT(!answer.body.empty() && answer.body.back() == '\n');
    switch (form) {
      case proto::METALINK:
      case proto::METALINK4:
        return check_metalink(answer);
      case proto::JSON:
        return check_json(answer);
      case proto::HTML:
        return check_page(answer);
      default:
        return check_text(answer, form);
    }
  }

 private:
  // The URLs of this path, or the directory of this name, may be in the answer.
  void allow(const std::string& whole) {
    if (!whole.starts_with(kTop)) return;
    tails_.insert("/" + whole.substr(kTop.size()));
    tails_.insert("/" + whole.substr(kTop.size()) + "/");
  }

  // Returns what follows the base URL, decoded.
  std::string check_url(std::string_view url) const {
    for (const char c : url) MIRRORWAY_ASSERT(c > ' ' && c < '\x7F');
    for (const auto& host : snapshot_.hosts()) {
      for (const std::string& base : host.carriages(0).urls()) {
        if (!url.starts_with(base)) continue;
        auto tail = net::decode_percent(url.substr(base.size()));
        MIRRORWAY_ASSERT(bool(tail));
        if (tails_.count(*tail) != 0) return *tail;
      }
    }
    const bool is_of_a_host = false;
    MIRRORWAY_ASSERT(is_of_a_host);
    return {};
  }

  void check_redirect(const http::Answer& answer) const {
    for (const http::Header& header : answer.headers) {
      if (header.name == "Location") check_url(header.value);
      if (header.name != "Link") continue;
      MIRRORWAY_ASSERT(header.value.size() <= answer::kMaxLinkBytes);
      std::string_view rest = header.value;
      for (bool is_first = true; !rest.empty(); is_first = false) {
        const std::size_t end = rest.find('>');
        MIRRORWAY_ASSERT(rest.front() == '<' && end != std::string_view::npos);
        if (rest.substr(end).starts_with(">; rel=duplicate")) check_url(rest.substr(1, end - 1));
        MIRRORWAY_ASSERT(is_first || rest.substr(end).starts_with(">; rel=duplicate"));
        const std::size_t next = rest.find(", <", end);
        rest.remove_prefix(next == std::string_view::npos ? rest.size() : next + 2);
      }
    }
  }

  void check_metalink(const http::Answer& answer) const {
    const auto document = tests::parse_xml(answer.body);
    MIRRORWAY_ASSERT(document && document->name == "metalink");
    const auto files = document->all("file");
    MIRRORWAY_ASSERT(files.size() == (answer.status == 200 ? 1 : 0));
    for (const Element* url : document->all("url")) {
      const std::string tail = check_url(url->text);
      MIRRORWAY_ASSERT(files[0]->attribute("name") == as_in_xml(tail.substr(tail.rfind('/') + 1)));
    }
    for (const Element* hash : document->all("hash")) {
      const auto digest = base::from_hex(hash->text);
      MIRRORWAY_ASSERT(digest && base::to_hex(*digest) == hash->text);
    }
  }

  void check_host(const json& host) const {
    MIRRORWAY_ASSERT(std::any_of(
        snapshot_.hosts().begin(), snapshot_.hosts().end(), [&](const proto::Host& candidate) {
          return host["host"] == candidate.name() && host["site"] == candidate.site();
        }));
  }

  void check_json(const http::Answer& answer) const {
    const auto document = json::parse(answer.body, nullptr, false);
    MIRRORWAY_ASSERT(document.is_object());
    if (answer.status != 200) {
      MIRRORWAY_ASSERT(document["status"] == answer.status && document["error"].is_string());
      return;
    }
    for (const auto& mirror : document["mirrors"]) {
      check_host(mirror);
      MIRRORWAY_ASSERT(!mirror["urls"].empty());
      for (const auto& url : mirror["urls"]) {
        const std::string tail = check_url(url.get<std::string>());
        if (document.contains("file"))
          MIRRORWAY_ASSERT(document["file"] == tail.substr(tail.rfind('/') + 1));
      }
    }
    if (document.contains("dropped"))
      for (const auto& host : document["dropped"]) check_host(host);
  }

  void check_page(const http::Answer& answer) const {
    const auto document = tests::parse_html(answer.body);
    for (const std::string& error : document.errors) fmt::print(stderr, "{}\n", error);
    MIRRORWAY_ASSERT(document.errors.empty());
    MIRRORWAY_ASSERT(document.root.all("script").empty());
    MIRRORWAY_ASSERT(document.root.all("main").size() == 1);
    for (const Element* table : document.root.all("tbody"))
      for (const Element* link : table->all("a")) check_url(link->attribute("href"));
  }

  void check_text(const http::Answer& answer, proto::Form form) const {
    MIRRORWAY_ASSERT(base::is_utf8(answer.body));
    std::string_view text = answer.body;
    text.remove_suffix(1);
    for (const std::string_view line : base::split(text, '\n')) {
      MIRRORWAY_ASSERT(!line.empty());
      std::string_view words = line;
      if (answer.status == 200 && form == proto::APT && line.front() != '#') {
        const std::size_t tab = line.find("\tpriority:");
        MIRRORWAY_ASSERT(tab != std::string_view::npos);
        words = line.substr(0, tab);
      }
      MIRRORWAY_ASSERT(base::is_one_line(words));
      if (answer.status != 200 || line.front() == '#') continue;
      if (form == proto::PACMAN) {
        MIRRORWAY_ASSERT(words.starts_with("Server = "));
        words.remove_prefix(std::string_view("Server = ").size());
      }
      if (form == proto::MIRRORLIST || form == proto::APT || form == proto::PACMAN)
        check_url(words);
    }
  }

  const proto::Snapshot& snapshot_;
  std::set<std::string> tails_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Source source({reinterpret_cast<const char*>(data), size});
  const auto snapshot = make_snapshot(source);
  snapshot::validate(snapshot);
  const auto block = snapshot::Image::build(snapshot);
  const snapshot::Image image(block);
  const auto request = make_request(source, snapshot);
  auto response = answer::answer_lookup(image, geo::GeoDatabase(), selection::Policy(), request,
                                        std::chrono::system_clock::time_point());
  const proto::Form form = response.status() == 200 ? response.form() : request.form();
  const http::Wish wish{request.form(), false, http::document_name(request)};
  const auto answer = http::make_answer(std::move(response), wish);
  MIRRORWAY_ASSERT(answer.has_value());
  Checker(snapshot, request).check(*answer, form);
  return 0;
}
