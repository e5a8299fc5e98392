// What speaks against running as configured and shows only when it is tried: files, variables, plugins.
#pragma once
#include <vector>

#include "apps/amendsd/config/config.hpp"
#include "workflows/host/host.hpp"

namespace amends::daemon {

// What an adapter says against one of its endpoints, in its own words: "endpoint 'a': base_url ...".
struct EndpointFinding {
  std::string endpoint, sentence;
};

// Adds to the findings of `config`; `warnings` are about endpoints' urls, each to be read after "'url'". A
// bearer or an authority that is missing now, a plugin or a plan that cannot be used: warnings, the rest
// works. An endpoint that cannot be used: the daemon does not start.
void preflight(const Config& config, const std::vector<EndpointFinding>& of_endpoints,
               const std::vector<EndpointFinding>& warnings, const engine::Host& host,
               ConfigFindings& findings);

// Why the data directory could not be made or written, as one sentence; empty when it could. Leaves nothing
// behind.
std::string try_data_dir(const std::string& dir);

}  // namespace amends::daemon
