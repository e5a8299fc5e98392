// Runs plugin code for the first time where it can do no harm: in a child process that is thrown away.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace amends::engine {

// Says what is about to run, as the end of a sentence: "in the rehearsal of 'a'". Should the child die over
// it, that is where.
using AboutTo = std::function<void(std::string_view where)>;

// Calls `load` in a child and says how the child died, if it did: a crash, a static initialiser that throws
// (which nobody can catch behind dlopen), or no end within `limit`; and where, as far as `load` has said.
// Nothing when it ended well, or when no child could be made: then the load itself will show. Call it before
// other threads run; the child inherits their locks.
std::optional<std::string> find_crash(const std::function<void(const AboutTo&)>& load,
                                      std::chrono::seconds limit = std::chrono::seconds(10));

}  // namespace amends::engine
