// Tells the service manager how the program is doing (sd_notify(3)).
#pragma once

#include <string_view>

namespace mirrorway::daemon {

// Assignments, one a line: "READY=1", "STOPPING=1", "MAINPID=123". Does nothing when nobody asked
// to be told ($NOTIFY_SOCKET); never blocks, fails or throws: a manager that does not listen must
// not keep the program from serving.
void notify_manager(std::string_view assignments) noexcept;

}  // namespace mirrorway::daemon
