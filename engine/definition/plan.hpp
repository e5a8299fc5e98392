// A plan as data: what a workflow is once its plugin is loaded. Immutable, shared by every saga that runs on
// it.
#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"

namespace amends::engine {

// Position in Plan::steps, in the order in which the author wrote them; every step comes after those it
// depends on.
using StepIndex = std::uint32_t;

// Stands for the saga's input where a step says whose value it uses.
inline constexpr StepIndex input_value = std::numeric_limits<StepIndex>::max();

enum class StepKind : std::uint8_t { read, reversible, pivot, retriable };
std::string_view name_of(StepKind kind);

inline constexpr std::uint32_t attempts_unlimited = std::numeric_limits<std::uint32_t>::max();

// Exponential back-off: the bound doubles from delay_first to delay_max, the delay lies in its upper half.
struct RetryPolicy {
  Millis delay_first{200};
  Millis delay_max{60'000};
  std::uint32_t attempts_max = 8;  // at least 1; counts the first attempt

  bool operator==(const RetryPolicy&) const = default;
};

struct UndoStep {
  std::string name;
  std::vector<StepIndex> uses;  // whose results the undo reads, beside its own step's
  RetryPolicy retry{.attempts_max = 12};
  Millis timeout{5'000};
  std::string adapter, endpoint;  // as found at load; empty when the function could not be rehearsed

  bool operator==(const UndoStep&) const = default;
};

struct Step {
  std::string name;
  StepKind kind = StepKind::read;
  std::string result_type;         // "Reservation{warehouse}": name and fields, part of the shape
  bool result_is_nothing = false;  // nobody can depend on the value, so the step may be skipped
  std::vector<StepIndex> after;    // direct predecessors: control order
  std::vector<StepIndex> uses;     // whose results the request reads; always among the ancestors
  RetryPolicy retry;
  Millis timeout{5'000};          // one attempt; passed without an answer, the outcome is unknown
  std::string adapter, endpoint;  // as found at load; empty when the function could not be rehearsed
  std::optional<UndoStep> undo;   // reversible steps have one

  bool operator==(const Step&) const = default;
};

class Plan {
 public:
  // `steps` in authoring order. Check it with `findings` first: a plan with findings must not be built.
  Plan(std::string workflow, std::uint32_t version, std::string input_type, std::vector<Step> steps);

  const std::string& workflow() const { return workflow_; }
  std::uint32_t version() const { return version_; }
  const std::string& input_type() const { return input_type_; }
  // Hex SHA-256 over what a running saga relies on: names, kinds, order, wiring, types. Not over delays and
  // timeouts.
  const std::string& shape() const { return shape_; }
  // "fulfil-order@1", what a saga is pinned to together with the shape.
  const std::string& id() const { return id_; }

  std::uint32_t size() const { return static_cast<std::uint32_t>(steps_.size()); }
  const Step& step(StepIndex i) const { return steps_[i]; }
  const std::vector<Step>& steps() const { return steps_; }
  // By its name or its undo's.
  std::optional<StepIndex> find_step(std::string_view name) const;

  // Steps that name i in their `after`.
  const std::vector<StepIndex>& next(StepIndex i) const { return next_[i]; }
  // The pivot, or in a plan without one the first retriable step; nothing when everything can be undone.
  std::optional<StepIndex> point_of_no_return() const { return point_of_no_return_; }
  // The pivot, a retriable step, or what only runs after one of them.
  bool is_past_no_return(StepIndex i) const { return past_no_return_[i]; }

  // The plan as data, for REST and for the `plan` table; holds what the shape covers, delays and timeouts.
  std::string graph_json() const;

 private:
  std::string workflow_;
  std::uint32_t version_;
  std::string input_type_;
  std::vector<Step> steps_;
  std::vector<std::vector<StepIndex>> next_;
  std::optional<StepIndex> point_of_no_return_;
  std::vector<bool> past_no_return_;
  std::string shape_, id_;
};

using PlanPtr = std::shared_ptr<const Plan>;

// Everything that speaks against running these steps, one sentence each, all at once; empty when they may
// run. Covers duplicate and malformed names ([a-z0-9-], 1 to 64), missing undo, second pivot, order around
// the pivot, a neighbour lane's result, bad retry bounds, too many steps (steps_max).
std::vector<std::string> findings(std::string_view workflow, std::uint32_t version,
                                  const std::vector<Step>& steps);

inline constexpr std::uint32_t steps_max = 10'000;

}  // namespace amends::engine
