// Sagas that wait for an operator.
#pragma once
#include <gtest/gtest.h>

#include "tests/engine/lifecycle/script.hpp"

namespace amends::engine {

inline Step once(Step step) {
  step.retry.attempts_max = 1;
  if (step.undo) step.undo->retry.attempts_max = 1;
  return step;
}

// Parked at the retriable `r`, which came to `outcome`.
struct Parked : Script {
  explicit Parked(Outcome outcome, Idempotency idempotency = Idempotency::key)
      : Script({reversible("a"), pivot("p", {0}), once(retriable("r", {1})), engine::read("after", {2})},
               idempotency) {
    start();
    run(0, Outcome::done), run(1, Outcome::done), run(2, outcome);
    EXPECT_EQ(saga.state, SagaState::needs_operator);
  }
};

// Parked at the undo of `a`.
struct UndoParked : Script {
  explicit UndoParked(Outcome outcome, Idempotency idempotency = Idempotency::key)
      : Script({once(reversible("a")), reversible("b", {0}), reversible("c", {1})}, idempotency) {
    start();
    run(0, Outcome::done), run(1, Outcome::rejected), Script::undo(0, outcome);
    EXPECT_EQ(saga.state, SagaState::needs_operator);
  }
};

}  // namespace amends::engine
