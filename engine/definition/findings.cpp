#include <algorithm>
#include <set>

#include "engine/definition/plan.hpp"

namespace amends::engine {
namespace {

bool is_good_name(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed);
}

std::string quoted(std::string_view name) {
  return "'" + std::string(name.substr(0, 80)) + "'";
}

class Examination {
 public:
  Examination(std::string_view workflow, std::uint32_t version, const std::vector<Step>& steps)
      : where_(std::string(workflow) + "@" + std::to_string(version) + ": "), steps_(steps) {}

  std::vector<std::string> run(std::string_view workflow, std::uint32_t version) {
    if (!is_good_name(workflow)) say("the workflow's name must be 1 to 64 of a-z, 0-9 and '-'");
    if (version == 0) say("versions are whole numbers from 1");
    if (steps_.empty()) say("the plan has no step");
    if (steps_.size() > steps_max) {
      say("the plan has more than " + std::to_string(steps_max) + " steps");
      return std::move(found_);
    }
    before_.resize(steps_.size(), Bits((steps_.size() + 63) / 64));
    for (StepIndex i = 0; i < steps_.size(); ++i) examine(i);
    return std::move(found_);
  }

 private:
  // A plan of 10,000 steps in one line has 50 million pairs: a bit each, not a node of a set.
  using Bits = std::vector<std::uint64_t>;

  bool is_before(StepIndex earlier, StepIndex i) const {
    return earlier < i && (before_[i][earlier / 64] >> earlier % 64 & 1) != 0;
  }

  void say(std::string sentence) { found_.push_back(where_ + std::move(sentence)); }

  void examine(StepIndex i) {
    const Step& step = steps_[i];
    for (const StepIndex a : step.after) {
      if (a >= i) {
        say(quoted(step.name) + " comes after a step that is made later");
        continue;
      }
      before_[i][a / 64] |= std::uint64_t{1} << a % 64;
      for (std::size_t word = 0; word <= a / 64; ++word) before_[i][word] |= before_[a][word];
    }
    examine_name(step.name);
    examine_uses(i, step.name, step.uses, "runs beside it, not before it");
    examine_retry(step.name, step.retry, step.timeout);
    if (step.undo) {
      examine_name(step.undo->name);
      examine_uses(i, step.undo->name, step.undo->uses, "may not have run");
      examine_retry(step.undo->name, step.undo->retry, step.undo->timeout);
    }
    examine_kind(i);
  }

  void examine_name(const std::string& name) {
    if (!is_good_name(name))
      say("the step name " + quoted(name) + " must be 1 to 64 of a-z, 0-9 and '-'");
    else if (name == "input")
      say("no step may be named 'input'");
    else if (!names_.insert(name).second)
      say("two steps are named " + quoted(name));
  }

  void examine_uses(StepIndex i, const std::string& name, const std::vector<StepIndex>& uses,
                    const char* why) {
    for (const StepIndex u : uses) {
      if (u == input_value || is_before(u, i)) continue;
      if (u >= steps_.size())
        say(quoted(name) + " uses a value of another plan");
      else
        say(quoted(name) + " uses " + quoted(steps_[u].name) + ", which " + why);
    }
  }

  void examine_retry(const std::string& name, const RetryPolicy& retry, Millis timeout) {
    if (retry.attempts_max == 0)
      say(quoted(name) + " has attempts_max 0; the first attempt counts, so 1 is the least");
    if (retry.delay_first < Millis(1) || retry.delay_max < retry.delay_first)
      say(quoted(name) + " needs 1 ms <= delay_first <= delay_max");
    if (retry.delay_max > std::chrono::hours(24 * 7)) say(quoted(name) + " has a delay_max above 7 days");
    if (timeout < Millis(1) || timeout > std::chrono::hours(24))
      say(quoted(name) + " needs a timeout of 1 ms to 24 h");
  }

  void examine_kind(StepIndex i) {
    const Step& step = steps_[i];
    if (step.undo && step.kind != StepKind::reversible)
      say(quoted(step.name) + " is " + std::string(name_of(step.kind)) + ", so its undo would never run");
    switch (step.kind) {
      case StepKind::read:
        if (pivot_ && !is_before(*pivot_, i))
          say(quoted(steps_[*pivot_].name) + " is a pivot beside " + quoted(step.name) +
              "; a saga commits itself in one place");
        return;
      case StepKind::reversible:
        if (!step.undo) say(quoted(step.name) + " is reversible but has no undo");
        if (pivot_)
          say(quoted(step.name) + " is reversible but comes after the pivot");
        else if (retriable_)
          say(quoted(step.name) + " is reversible but comes after the retriable " +
              quoted(steps_[*retriable_].name));
        return;
      case StepKind::pivot:
        if (pivot_) say(quoted(step.name) + " is a second pivot");
        if (retriable_)
          say(quoted(step.name) + " is a pivot but comes after the retriable " +
              quoted(steps_[*retriable_].name));
        for (StepIndex other = 0; other < i; ++other)
          if (!is_before(other, i)) {
            say(quoted(step.name) + " is a pivot beside " + quoted(steps_[other].name) +
                "; a saga commits itself in one place");
            break;
          }
        pivot_ = i;
        return;
      case StepKind::retriable:
        if (pivot_ && !is_before(*pivot_, i))
          say(quoted(step.name) + " is retriable but does not come after the pivot");
        for (StepIndex other = 0; other < i; ++other)
          if (steps_[other].kind == StepKind::reversible && !is_before(other, i))
            say(quoted(step.name) + " is retriable and runs beside the reversible " +
                quoted(steps_[other].name));
        if (!retriable_) retriable_ = i;
        return;
    }
  }

  std::string where_;
  const std::vector<Step>& steps_;
  std::vector<Bits> before_;  // everything certain to have finished before the step starts
  std::set<std::string> names_;
  std::optional<StepIndex> pivot_, retriable_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> findings(std::string_view workflow, std::uint32_t version,
                                  const std::vector<Step>& steps) {
  return Examination(workflow, version, steps).run(workflow, version);
}

}  // namespace amends::engine
