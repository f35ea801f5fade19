#include "common/daemon/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::daemon {
namespace {

// NOLINTBEGIN(concurrency-mt-unsafe): called while there is one thread

struct User {
  uid_t id;
  std::optional<gid_t> group;
  std::string name;  // empty for a number that nobody has
};

User find_user(const std::string& text) {
  const passwd* entry = ::getpwnam(text.c_str());
  const auto number = base::parse_number(text, UINT32_MAX - 1);
  if (entry == nullptr && number) entry = ::getpwuid(static_cast<uid_t>(*number));
  if (entry != nullptr) return {entry->pw_uid, entry->pw_gid, entry->pw_name};
  if (number) return {static_cast<uid_t>(*number), std::nullopt, {}};
  throw base::UsageError("--user: there is no user \"{}\"", base::printable(text, 40));
}

std::vector<gid_t> groups_of(const User& user, gid_t group) {
  if (user.name.empty()) return {group};
  std::vector<gid_t> groups(16);
  while (true) {
    int count = static_cast<int>(groups.size());
    const int result = ::getgrouplist(user.name.c_str(), group, groups.data(), &count);
    groups.resize(static_cast<std::size_t>(count));
    if (result >= 0) return groups;
  }
}

// NOLINTEND(concurrency-mt-unsafe)

bool is_already(const Identity& identity) {
  uid_t real_user = 0;
  uid_t user = 0;
  uid_t saved_user = 0;
  gid_t real_group = 0;
  gid_t group = 0;
  gid_t saved_group = 0;
  return ::getresuid(&real_user, &user, &saved_user) == 0 &&
         ::getresgid(&real_group, &group, &saved_group) == 0 && real_user == identity.user &&
         user == identity.user && saved_user == identity.user && real_group == identity.group &&
         group == identity.group && saved_group == identity.group;
}

}  // namespace

gid_t find_group(std::string_view option, const std::string& name) {
  const group* entry = ::getgrnam(name.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
  if (entry != nullptr) return entry->gr_gid;
  if (const auto number = base::parse_number(name, UINT32_MAX - 1))
    return static_cast<gid_t>(*number);
  throw base::UsageError("{}: there is no group \"{}\"", option, base::printable(name, 40));
}

std::optional<Identity> find_identity(const std::string& user, const std::string& group) {
  if (user.empty()) {
    if (group.empty()) return std::nullopt;
    throw base::UsageError("--group is of use together with --user only");
  }
  const User found = find_user(user);
  if (group.empty() && !found.group)
    throw base::UsageError("--user: nobody has the number {}, so --group is needed", found.id);
  const gid_t gid = group.empty() ? *found.group : find_group("--group", group);
  return Identity{found.id, gid, groups_of(found, gid)};
}

void declare_identity(base::Options& options, std::string& user, std::string& group) {
  options.add("user", user, "USER",
              "Who to become, by name or number, once sockets are bound; needs root");
  options.add("group", group, "GROUP", "Group to become; by default the user's own");
  options.add_check([&user, &group] { find_identity(user, group); });
}

void drop_privileges(const Identity& identity) {
  if (is_already(identity)) return;
  if (::setgroups(identity.groups.size(), identity.groups.data()) != 0)
    throw base::IoError(errno, "taking on the groups of user {}", identity.user);
  if (::setresgid(identity.group, identity.group, identity.group) != 0)
    throw base::IoError(errno, "taking on group {}", identity.group);
  if (::setresuid(identity.user, identity.user, identity.user) != 0)
    throw base::IoError(errno, "taking on user {}", identity.user);
  const bool can_return = identity.user != 0 && ::setresuid(0, 0, 0) == 0;
  if (can_return || !is_already(identity))
    throw base::Error("user {} and group {} have not been taken on for good", identity.user,
                      identity.group);
}

}  // namespace mirrorway::daemon
