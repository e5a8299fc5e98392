// What cancelling a saga now would undo, for the REST surface and for reading a store without a daemon.
#pragma once
#include "engine/runtime/rollback.hpp"
#include "engine/service/answer.hpp"
#include "engine/service/view.hpp"

namespace amends::engine {

// By the plan, or by what the store knows of it. refused: its journal cannot be read; unknown_version: nobody
// knows the plan.
Answer<Rollback> preview(const StoredSaga& stored);

Json rollback_view(const Rollback& preview);

}  // namespace amends::engine
