// Runs plugin code for the first time where it can do no harm: in a child process that is thrown away.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace amends::engine {

// Calls `load` in a child and says how the child died, if it did: a crash, a static initialiser that throws
// (which nobody can catch behind dlopen), or no end within `limit`. Nothing when it ended well, or when no
// child could be made: then the load itself will show. Call it before other threads run; the child inherits
// their locks.
std::optional<std::string> find_crash(const std::function<void()>& load,
                                      std::chrono::seconds limit = std::chrono::seconds(10));

}  // namespace amends::engine
