// What happens to a saga next: by itself, and by an operator's hand.
#pragma once
#include <string>

#include "apps/amends/context.hpp"
#include "engine/base/time.hpp"

namespace amends::cli {

// "next: charge-card: attempt 3 in 58 min", then each command that would be accepted now, ready to be pasted.
// `saga` is engine::saga_view's; empty when there is nothing to wait for and nothing to do.
std::string what_next(const Json& saga, engine::WallTime now);

}  // namespace amends::cli
