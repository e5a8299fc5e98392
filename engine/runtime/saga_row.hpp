// The saga row as a function of the fold: what SQL shows is what the journal says.
#pragma once
#include "engine/definition/plan.hpp"
#include "engine/journal/saga.hpp"
#include "engine/ports/store.hpp"

namespace amends::engine {

// `plan` gives names to steps; without it the row's `step` stays empty.
SagaRow saga_row(const Saga& saga, const Plan* plan, std::string_view workflow);

// What a saga is at with this step: the undo's name when that has failed and needs an operator, else the
// step's.
std::string stuck_name(const Saga& saga, const Plan& plan, StepIndex step);

}  // namespace amends::engine
