// Loads a plugin's file and checks its descriptor.
#pragma once
#include <amends/plugin.hpp>
#include <string>
#include <variant>

#include "workflows/host/plugin_file.hpp"

namespace amends::engine {

// The descriptor's entry, once magic, sizes, API version and ABI stamp agree with this host's: C++ objects
// may pass. The code stays in the process for ever: results, exceptions and functions of it live on.
std::variant<void (*)(Registry&), Reason> load_plugin(OpenFile file, const std::string& path);

}  // namespace amends::engine
