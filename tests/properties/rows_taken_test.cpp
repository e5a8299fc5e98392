#include <gtest/gtest.h>

#include <random>

#include "tests/engine/lifecycle/script.hpp"
#include "tests/properties/world.hpp"

namespace amends::properties {
namespace {

// The same tapes in every run: a row that stops being taken was lost by a change, not by chance.
Tape numbered_tape(std::uint32_t number) {
  std::mt19937 chance(number);
  std::vector<std::uint16_t> choices(40 + chance() % 400);
  for (auto& choice : choices) choice = static_cast<std::uint16_t>(chance() % 40'000);
  return Tape(std::move(choices));
}

// One saga in a hundred thousand: two refused lanes, both asked again, and the author's code fails for one
// before the other is sent.
void reject_a_retry_that_cannot_be_prepared(engine::Lifecycle& lifecycle) {
  engine::Script s({engine::retriable("r"), engine::read("q")}, lifecycle);
  s.start();
  s.run(0, engine::Outcome::rejected), s.run(1, engine::Outcome::rejected);
  s.prepares = false;
  s.command(engine::Verb::retry, "q"), s.command(engine::Verb::retry, "r");
  s.prepare_fails(1);
}

// What was refused was done by hand; the model's operator only says what he finds.
void resolve_a_refusal(engine::Lifecycle& lifecycle) {
  engine::Script s({engine::retriable("r")}, lifecycle);
  s.start();
  s.run(0, engine::Outcome::rejected);
  s.command(engine::Verb::resolve, "r", true);
}

// A lane came to rest while its neighbour was stuck, and the operator passes it over first.
void skip_what_backs_off(engine::Lifecycle& lifecycle) {
  engine::Script s({engine::retriable("r"), engine::retriable("q")}, lifecycle);
  s.start();
  s.run(0, engine::Outcome::rejected), s.run(1, engine::Outcome::transient);
  s.command(engine::Verb::skip, "q");
}

TEST(Tables, every_row_is_taken_by_some_saga) {
  engine::Lifecycle lifecycle;

  for (std::uint32_t number = 0; number < 10'000; ++number) {
    Tape tape = numbered_tape(number);
    World(lifecycle, tape).run();
  }

  reject_a_retry_that_cannot_be_prepared(lifecycle);
  resolve_a_refusal(lifecycle);
  skip_what_backs_off(lifecycle);

  const auto rows = engine::Lifecycle::transitions();
  ASSERT_EQ(rows.size(), lifecycle.taken().size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_GT(lifecycle.taken()[i], 0u)
        << "no saga takes: the " << rows[i].machine << " that is " << rows[i].from << ", on " << rows[i].event
        << ", becomes " << rows[i].to << "; remove the row, or the change that lost it";
}

TEST(Tables, no_state_has_two_ways_for_one_event) {
  const auto rows = engine::Lifecycle::transitions();

  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = i + 1; j < rows.size(); ++j)
      EXPECT_FALSE(rows[i].machine == rows[j].machine && rows[i].from == rows[j].from &&
                   rows[i].event == rows[j].event)
          << rows[i].machine << " " << rows[i].from << " " << rows[i].event;
}

TEST(Tables, nothing_leaves_a_state_that_is_over) {
  for (const auto& row : engine::Lifecycle::transitions()) {
    const bool over = row.machine == "saga" && engine::is_terminal(*engine::find_saga_state(row.from));
    EXPECT_FALSE(over) << row.from;
  }
}

}  // namespace
}  // namespace amends::properties
