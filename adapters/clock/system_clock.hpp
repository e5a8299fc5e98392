// The machine's own time.
#pragma once
#include "engine/ports/clock.hpp"

namespace amends::engine {

// Any thread. `elapsed` counts suspended time too, so that a lease cannot outlive a closed lid.
class SystemClock final : public Clock {
 public:
  WallTime wall() const override;
  Elapsed elapsed() const override;
};

}  // namespace amends::engine
