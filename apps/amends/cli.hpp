// The command line as a whole, without any store named: main gives it the way to open one.
#pragma once
#include "apps/amends/context.hpp"

namespace amends::cli {

// Parses, runs the command, prints; returns the process's exit code.
int run(int argc, const char* const* argv, Context context);

}  // namespace amends::cli
