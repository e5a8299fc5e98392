// The request target: what may stand in it, decoded or not.
#pragma once
#include <optional>
#include <string_view>

#include "apps/amendsd/rest/front/answer.hpp"

namespace amends::rest {

// Nothing when `target` is an origin-form target (RFC 9112, section 3.2.1) whose path and query decode to
// UTF-8 without control characters and whose path hides no slash.
std::optional<Problem> check_target(std::string_view target);

}  // namespace amends::rest
