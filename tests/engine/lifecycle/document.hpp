// docs/lifecycle.md, out of the tables that decide.
#pragma once
#include <string>

namespace amends::engine {

std::string lifecycle_document();

}  // namespace amends::engine
