// Whether a plan's steps have somebody to ask. A plan that has not is refused before it takes a start: found
// out later, its first steps would have happened.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/definition/plan.hpp"

namespace amends::engine {

using KnowsEndpoint = std::function<bool(std::string_view adapter, std::string_view endpoint)>;

// Steps and undos whose endpoint `knows` denies, one sentence each. Endpoints that could not be found out at
// load are passed over.
std::vector<std::string> check_endpoints(const Plan& plan, const KnowsEndpoint& knows);

}  // namespace amends::engine
