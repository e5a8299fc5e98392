// Secrets are kept outside of the configuration and read when they are needed, so that one can be changed
// while the daemon runs.
#pragma once
#include <string>

namespace amends::sql {

// What "env:NAME" or "file:/path" holds, without line ends; empty for an empty reference. Throws Failure when
// there is nothing usable.
std::string read_password(const std::string& reference);

}  // namespace amends::sql
