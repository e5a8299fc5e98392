// Places where the crash tests stop the process as SIGKILL would. Compiled in by AMENDS_FAILPOINTS, off in a
// release.
//
// AMENDS_FAILPOINT=name:nth makes the nth hit of `name` (from 1) end the process at once, without
// destructors. AMENDS_FAILPOINT=name:nth:ms lets the other threads go on for so long before.
#pragma once

namespace amends::engine {

// Any thread. Reads the environment once.
void hit_failpoint(const char* name);

}  // namespace amends::engine

#ifdef AMENDS_FAILPOINTS
#define AMENDS_FAILPOINT_HERE(name) ::amends::engine::hit_failpoint(name)
#else
#define AMENDS_FAILPOINT_HERE(name) void(0)
#endif
