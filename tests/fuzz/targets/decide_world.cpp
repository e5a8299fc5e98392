// A saga among its participants, network, store and operator, as tests/properties has them, with the input as
// the tape that draws the plan and all that happens: every promise holds at every decision, and in the end.
#include "tests/fuzz/target.hpp"
#include "tests/properties/world.hpp"

namespace amends::fuzz {

AMENDS_FUZZ_TARGET(decide_world) {
  constexpr std::size_t choices_max = 600;
  std::vector<std::uint16_t> choices;
  for (const char c : input.substr(0, choices_max)) choices.push_back(static_cast<unsigned char>(c));
  properties::Tape tape(std::move(choices));
  engine::Lifecycle lifecycle;
  try {
    properties::World(lifecycle, tape).run();
  } catch (const properties::Broken& broken) {
    AMENDS_HOLDS(false, broken.what());
  }
}

}  // namespace amends::fuzz
