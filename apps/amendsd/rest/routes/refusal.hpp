// What goes wrong behind a route, as problems. The slugs are part of the surface; docs/rest.md lists them.
#pragma once
#include <string>

#include "apps/amendsd/rest/front/answer.hpp"
#include "engine/service/answer.hpp"

namespace amends::rest {

Problem problem_of(engine::ServiceError error, std::string sentence);
rest::Answer refusal(engine::ServiceError error, std::string sentence);

// The request itself is wrong: 400, "invalid-request".
rest::Answer bad_request(std::string sentence);

}  // namespace amends::rest
