// What an operator may do about a saga now: the commands that would be accepted, and whom one would hit.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/definition/plan.hpp"
#include "engine/journal/saga.hpp"
#include "engine/lifecycle/decide.hpp"

namespace amends::engine {

struct Offer {
  Verb verb = Verb::cancel;
  std::string step;         // empty: the saga as a whole
  bool happened = false;    // resolve
  std::string result_type;  // resolve, happened: what a result must be given as; empty for none
};

// Empty unless the saga needs an operator, or has asked in vain for a minute. Tried on a copy: pure, any
// thread.
std::vector<Offer> offers_of(const Saga& saga, const Plan& plan, WallTime now);

// The step and direction that `command` would be about, which need not name one; nothing when it would be
// refused or is about no step. Tried on a copy: pure, any thread.
std::optional<LegRef> leg_meant(const Saga& saga, const Plan& plan, const CommandEvent& command,
                                WallTime now);

}  // namespace amends::engine
