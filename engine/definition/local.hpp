// How a step names a function of its own plugin in place of an endpoint; see
// workflows/include/amends/local.hpp.
#pragma once
#include <string_view>

namespace amends::engine {

inline constexpr std::string_view local_adapter = "local";
// The only endpoint that it has. It is there without any configuration.
inline constexpr std::string_view local_endpoint = "pool";

}  // namespace amends::engine
