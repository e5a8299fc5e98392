// How the local adapter calls an author's function.
#pragma once
#include "engine/definition/outcome.hpp"
#include "engine/ports/effect.hpp"

namespace amends::engine {

class LocalFunctions {
 public:
  virtual ~LocalFunctions() = default;
  // Runs the function that the attempt's request names, and returns when it does, perhaps never. Any thread,
  // concurrently. Never throws: what author code throws is an outcome.
  virtual Reply call(const Attempt& attempt) const = 0;
};

}  // namespace amends::engine
