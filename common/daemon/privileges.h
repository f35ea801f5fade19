// From root to an ordinary user, for good.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/options.h"

namespace mirrorway::daemon {

struct Identity {
  uid_t user;
  gid_t group;
  std::vector<gid_t> groups;  // the further ones
};

// By name or number; an empty `group` is the user's own. nullopt when both are empty. Throws
// base::UsageError when one is not known, or a group stands alone.
std::optional<Identity> find_identity(const std::string& user, const std::string& group);

// By name or number. Throws base::UsageError that names the option.
gid_t find_group(std::string_view option, const std::string& name);

// --user and --group, and the check that they exist.
void declare_identity(base::Options& options, std::string& user, std::string& group);

// Becomes that user with all ids and groups, and makes sure that there is no way back. A process
// that is that user already is left as it is. Throws base::Error; the process must then end.
// Needs no other thread to be running. The kernel then keeps other processes of that user from
// looking into this one (PR_SET_DUMPABLE).
void drop_privileges(const Identity& identity);

}  // namespace mirrorway::daemon
