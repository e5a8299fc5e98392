// The password of an endpoint's URL, by reference (adapters/secret.hpp).
#pragma once
#include <string>

namespace amends::sql {

// What "env:NAME" or "file:/path" holds, without line ends; empty for an empty reference. Throws Failure when
// there is nothing usable: missing, no regular file, empty, or more than 4 KiB.
std::string read_password(const std::string& reference);

}  // namespace amends::sql
