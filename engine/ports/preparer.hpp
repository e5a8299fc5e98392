// How the engine asks an author's code for a step's request.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/definition/plan.hpp"
#include "engine/definition/request.hpp"

namespace amends::engine {

// What a step function may know: the input and the results that its step declared. Canonical JSON texts.
struct Known {
  const std::string* input = nullptr;
  std::vector<const std::string*> results;  // by StepIndex; nullptr where nothing is known or asked
  const std::string* own_result =
      nullptr;  // undo only; nullptr when nobody knows whether the step took effect
};

// The author's code threw, or returned what cannot be a request.
struct PrepareError {
  std::string sentence;
};

using Prepared = std::variant<Request, PrepareError>;

// Any thread, concurrently for different sagas. Never throws: what author code throws comes back as
// PrepareError.
class Preparer {
 public:
  virtual ~Preparer() = default;
  virtual Prepared prepare(const Plan& plan, StepIndex step, Direction direction,
                           const Known& known) const = 0;
  // The same where no author's code is called, because what is known is all that the request is made of:
  // soon done, on any thread. Nothing where prepare() is to be asked.
  virtual std::optional<Prepared> prepare_at_once(const Plan&, StepIndex, Direction, const Known&) const {
    return std::nullopt;
  }
};

}  // namespace amends::engine
