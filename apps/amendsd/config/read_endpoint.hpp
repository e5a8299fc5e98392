// One table [endpoints.NAME], by its kind.
#pragma once
#include "apps/amendsd/config/toml_reader.hpp"

namespace amends::daemon {

void read_endpoint(Section s, const std::string& origin, ConfigFindings& findings, EndpointConfig& out);

}  // namespace amends::daemon
