// The tables of a MirrorManager 2 database as they are, for who moves in from one. What becomes of
// them is not decided here; proto/MIRRORMANAGER_DATABASE.md says it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mirrorway::catalog {

class Database;

// Of MirrorManager's rows with NULL in them: its own default where it has one, else nullopt or "".
// Nothing is checked.
namespace mirrormanager {

struct Site {
  std::int64_t id = 0;
  std::string name;
  std::string url;
  bool is_active = false;  // says the administrator, and says the user
  bool is_private = false;
};

struct Host {
  std::int64_t id = 0;
  std::optional<std::int64_t> site;
  std::string name;
  bool is_active = false;  // says the administrator, and says the user
  bool is_private = false;
  bool is_research = false;
  bool serves_research = false;
  std::string country;
  std::int64_t bandwidth_mbps = 0;
  std::optional<std::int64_t> asn;
  bool serves_own_asn = false;
  std::optional<double> latitude;
  std::optional<double> longitude;
  std::string comment;
};

// A value that belongs to another row.
template <typename T>
struct Owned {
  std::int64_t owner = 0;
  T value{};
};

struct Category {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> top_directory;
};

// Once for each category that a directory is in.
struct Directory {
  std::int64_t id = 0;
  std::string path;
  std::int64_t category = 0;
};

struct Carriage {
  std::int64_t id = 0;
  std::int64_t host = 0;
  std::int64_t category = 0;
  bool is_always_up_to_date = false;
};

struct DirectoryState {
  std::int64_t carriage = 0;
  std::int64_t directory = 0;
  bool is_up_to_date = false;
};

struct Repository {
  std::int64_t id = 0;
  std::string prefix;
  std::string architecture;
  std::optional<std::int64_t> directory;
  bool is_disabled = false;
};

struct File {
  std::int64_t directory = 0;
  std::string name;
  std::int64_t size = 0;
  std::int64_t timestamp = 0;
  std::string md5;
  std::string sha1;
  std::string sha256;
  std::string sha512;
};

struct Pair {
  std::string key;
  std::string value;
};

// Rows that no function gives, as they lack what they would belong to, or are of no use.
struct LeftOut {
  std::string_view kind;  // completes "N …"; lives as long as the program
  std::size_t count = 0;
  std::optional<std::string> example;
};

// One consistent state of all of it. Every function throws base::Error.
class Reader {
 public:
  // Refuses a database that is none of MirrorManager's.
  explicit Reader(std::string_view url);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader();

  // All by id, or by the owner's.
  std::vector<Site> sites() const;
  std::vector<Host> hosts() const;
  std::vector<Owned<std::int64_t>> peer_asns() const;
  std::vector<Owned<std::string>> netblocks() const;
  std::vector<Owned<std::string>> allowed_countries() const;
  std::vector<Category> categories() const;
  std::vector<Directory> directories() const;
  std::vector<Carriage> carriages() const;
  std::vector<Owned<std::string>> urls() const;  // of carriages; those for everybody
  std::vector<Repository> repositories() const;  // those with a prefix
  std::vector<Pair> redirects() const;           // from, to
  std::vector<File> files() const;
  std::vector<Pair> continents() const;          // country, continent
  std::vector<Pair> netblock_countries() const;  // netblock, country

  std::vector<LeftOut> left_out() const;

  // Streamed by carriage; a directory may come twice. `handle` must not use this object.
  void for_each_state(const std::function<void(const DirectoryState&)>& handle) const;

 private:
  std::unique_ptr<Database> database_;
};

}  // namespace mirrormanager
}  // namespace mirrorway::catalog
