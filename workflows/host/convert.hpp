// From what authors build to what the engine runs.
#pragma once
#include <amends/graph.hpp>
#include <string>
#include <vector>

#include "engine/definition/plan.hpp"
#include "engine/ports/preparer.hpp"
#include "workflows/host/trial.hpp"

namespace amends::engine {

// The author's steps as the engine's, attempts filled in by kind; adapters and endpoints still empty.
std::vector<Step> convert(const Graph& graph);

struct Rehearsal {
  std::vector<std::string> findings;  // names that can be no endpoint
  std::vector<std::string> notes;     // functions that threw: no fault by itself, they saw sample values
};
inline constexpr std::size_t request_bytes_max = 1 << 20;

// Calls every step function once with sample values to learn adapter and endpoint; a throw means that they
// stay unknown. Local
// functions are not called. Only for steps without findings. Before each call it says where: "in the
// rehearsal of 'a'".
Rehearsal rehearse(const Graph& graph, std::vector<Step>& steps, const AboutTo& about_to);

// The author's request as bytes, or why it cannot be one.
Prepared encode_request(const amends::Request& request);

}  // namespace amends::engine
