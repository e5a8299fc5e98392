#include "tests/properties/plans.hpp"

#include <stdexcept>

namespace amends::properties {
namespace {

using namespace engine;

class Draughtsman {
 public:
  explicit Draughtsman(Tape& tape) : tape_(tape) {}

  PlanPtr draw() {
    draw_sections(1 + tape_.pick(3), StepKind::reversible);
    const bool pivot = tape_.pick(3) != 2;
    if (pivot) tail_ = {add(StepKind::pivot, tail_)};
    draw_sections(tape_.pick(3), StepKind::retriable);
    const auto found = findings("drawn", 1, steps_);
    if (!found.empty()) throw std::logic_error("the drawn plan is not valid: " + found.front());
    return std::make_shared<const Plan>("drawn", 1, "Input{}", steps_);
  }

 private:
  void draw_sections(std::uint32_t count, StepKind kind) {
    for (; count > 0; --count) {
      if (tape_.pick(2) == 0) {
        tail_ = {add(read_or(kind), tail_)};
        continue;
      }
      const std::vector<StepIndex> fork = tail_;
      tail_.clear();
      for (std::uint32_t lane = 0, lanes = 2 + tape_.pick(2); lane < lanes; ++lane) {
        StepIndex last = add(read_or(kind), fork);
        for (std::uint32_t more = tape_.pick(3); more > 0; --more) last = add(read_or(kind), {last});
        tail_.push_back(last);
      }
    }
  }

  StepKind read_or(StepKind kind) { return tape_.one_in(4) ? StepKind::read : kind; }

  StepIndex add(StepKind kind, std::vector<StepIndex> after) {
    const auto i = static_cast<StepIndex>(steps_.size());
    Step step;
    step.name = "s" + std::to_string(i);
    step.kind = kind;
    step.result_type = "R";
    step.result_is_nothing = tape_.one_in(3);
    if (tape_.one_in(3)) step.uses = after;
    step.after = std::move(after);
    step.retry = draw_retry();
    if (kind == StepKind::retriable && tape_.one_in(2)) step.retry.attempts_max = attempts_unlimited;
    step.timeout = Millis(100 + 400 * tape_.pick(3));
    if (kind == StepKind::reversible) {
      step.undo = UndoStep{};
      step.undo->name = "undo-" + step.name;
      step.undo->retry = draw_retry();
      step.undo->timeout = Millis(300);
    }
    steps_.push_back(std::move(step));
    return i;
  }

  RetryPolicy draw_retry() {
    RetryPolicy retry;
    retry.delay_first = Millis(10 + 40 * tape_.pick(3));
    retry.delay_max = retry.delay_first * (1 + tape_.pick(4));
    retry.attempts_max = 1 + tape_.pick(3);
    return retry;
  }

  Tape& tape_;
  std::vector<Step> steps_;
  std::vector<StepIndex> tail_;
};

}  // namespace

PlanPtr draw_plan(Tape& tape) {
  return Draughtsman(tape).draw();
}

std::vector<std::vector<bool>> happened_before(const Plan& plan) {
  std::vector<std::vector<bool>> reaches(plan.size(), std::vector<bool>(plan.size()));
  for (StepIndex b = 0; b < plan.size(); ++b)
    for (const StepIndex a : plan.step(b).after) {
      reaches[a][b] = true;
      for (StepIndex before = 0; before < a; ++before)
        if (reaches[before][a]) reaches[before][b] = true;
    }
  return reaches;
}

}  // namespace amends::properties
