#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "tests/properties/sharing/world.hpp"

namespace amends::properties {
namespace {

// How many are played; AMENDS_SCHEDULES=20000 looks longer.
std::uint32_t schedules() {
  const char* asked = std::getenv("AMENDS_SCHEDULES");
  return asked ? static_cast<std::uint32_t>(std::strtoul(asked, nullptr, 10)) : 400;
}

// The same schedules in every run: what breaks one is a change, not chance.
Tape numbered_tape(std::uint32_t number) {
  std::mt19937 chance(number);
  std::vector<std::uint16_t> choices(200 + chance() % 3'000);
  for (auto& choice : choices) choice = static_cast<std::uint16_t>(chance() % 40'000);
  return Tape(std::move(choices));
}

TEST(SharingProperties, hold_for_any_schedule_of_several_engines) {
  std::size_t sagas = 0, moved = 0;
  for (std::uint32_t number = 0; number < schedules(); ++number) {
    Tape tape = numbered_tape(number);
    World world(tape);
    try {
      world.run();
    } catch (const Broken& broken) {
      FAIL() << "schedule " << number << ": " << broken.what();
    }
    sagas += world.sagas();
    moved += world.moved();
  }

  EXPECT_GT(sagas, schedules() * 5);
  EXPECT_GT(moved, sagas / 20) << "hardly any saga changed its owner: this run proves nothing";
}

}  // namespace
}  // namespace amends::properties
