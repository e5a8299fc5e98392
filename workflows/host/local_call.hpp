// Local functions: how a call of one is written into a request, and what comes of it.
#pragma once
#include <amends/graph.hpp>
#include <string>
#include <string_view>

#include "engine/definition/outcome.hpp"
#include "engine/ports/effect.hpp"
#include "engine/ports/preparer.hpp"

namespace amends::engine {

// "fulfil-order@1/price": the plan and the step or undo. Unique among all plans that are loaded.
std::string function_name(std::string_view plan_id, std::string_view step);

// {"arguments":[...],"function":NAME}: the journalled texts of the input and the results, as they are.
Prepared write_call(const Plan& plan, std::string_view step, const LocalFunction& function,
                    const Known& known);

struct FunctionCall {
  std::string function, arguments;  // the arguments are a JSON array
};
// Reads such a body back; without a function when it is none.
FunctionCall read_call(const std::string& body);

// Runs the function. docs/authoring/local-steps.md says what each ending means.
Reply run_call(const LocalFunction& function, const Attempt& attempt, const FunctionCall& call);

// Surely not run, and an operator can mend it: the plugin may come back with its function.
Reply no_function(const std::string& name);

}  // namespace amends::engine
