// What a front-end host asks of a snapshot before it takes the place of the one being served.
#pragma once

#include <string>

namespace mirrorway::mirrorlist_server {

// Does all that the server does with a file before it answers from it, and returns a line that says
// which snapshot it is. Throws base::Error that names the file and says why it would be refused.
std::string verify_snapshot(const std::string& path);

}  // namespace mirrorway::mirrorlist_server
