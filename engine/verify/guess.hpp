// What may have happened, judging by the entry that a decision began with. Internal to engine/verify.
#pragma once
#include <vector>

#include "engine/lifecycle/decide.hpp"

namespace amends::engine {

using What = decltype(Event::what);

// The events of which entries[at] may be the first that was journalled, the likeliest first; empty when it
// never is. The step that it names exists in `saga` and in `plan`.
std::vector<What> guess_events(const Saga& saga, const Plan& plan, const Entries& entries, std::size_t at);

}  // namespace amends::engine
