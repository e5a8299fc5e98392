// One call of an author's function, and what becomes of what it returns.
#pragma once
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/ports/effect.hpp"
#include "engine/ports/preparer.hpp"
#include "engine/runtime/messages.hpp"

namespace amends::engine {

// Finds the facts of an endpoint; nullptr when nobody has configured it. Any thread.
using FindFacts = std::function<const EndpointFacts*(std::string_view adapter, std::string_view endpoint)>;

// Asks the adapters, which must outlive it.
FindFacts find_facts_in(std::vector<EffectAdapter*> adapters);

// Calls the function, for as long as that takes.
Prepared ask_author(const Preparer& preparer, const PrepareJob& job);

// Without the function, where the request follows from what is known; nothing where it has to be called.
std::optional<PrepareResult> ask_nobody(const Preparer& preparer, const PrepareJob& job,
                                        const FindFacts& find);

// The endpoint is looked up here: a request to one that is not configured is the author's mistake.
PrepareResult result_of(const PrepareJob& job, Prepared prepared, const FindFacts& find);

// In place of a result that did not come in time.
PrepareResult too_slow(const PrepareJob& job, Millis limit);

}  // namespace amends::engine
