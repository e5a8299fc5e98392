#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <iostream>

#include "tests/properties/world.hpp"

namespace amends::properties {
namespace {

// Before RapidCheck reads its configuration; a variable set by the caller wins.
const int configured = ::setenv("RC_PARAMS", "max_success=20000 max_size=100 noshrink=0", 0);

using Choices = std::vector<std::uint16_t>;

rc::Gen<Choices> tapes() {
  return rc::gen::withSize([](int size) {
    return rc::gen::resize(60 + size * 14,
                           rc::gen::container<Choices>(rc::gen::inRange<std::uint16_t>(0, 40'000)));
  });
}

// Said at once: making it small may take longer than the test has.
void say_first(const std::exception& broken) {
  static const bool said = [&] {
    std::cerr << "the first that broke, before it is made small:\n" << broken.what() << std::endl;
    return true;
  }();
  static_cast<void>(said);
}

TEST(SagaProperties, hold_for_any_plan_and_any_sequence_of_events) {
  engine::Lifecycle lifecycle;
  std::map<engine::SagaState, int> ends;

  const bool good = rc::check("every promise holds", [&] {
    Tape tape(*tapes());
    World world(lifecycle, tape);
    try {
      world.run();
    } catch (const std::exception& broken) {
      say_first(broken);
      throw;
    }
    ++ends[world.saga().state];
    RC_CLASSIFY(world.saga().state == engine::SagaState::completed, "completed");
    RC_CLASSIFY(world.saga().state == engine::SagaState::compensated, "compensated");
  });

  EXPECT_TRUE(good);
  EXPECT_GT(ends[engine::SagaState::completed], 50);
  EXPECT_GT(ends[engine::SagaState::compensated], 50);
  EXPECT_GT(ends[engine::SagaState::abandoned], 2);
}

}  // namespace
}  // namespace amends::properties
