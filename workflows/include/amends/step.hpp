// One step of a plan, as its author goes on describing it.
#pragma once
#include <amends/step_function.hpp>
#include <string>
#include <utility>

namespace amends {

// Every member returns the step, so that calls can be chained. Copies describe the same step.
template <class R, StepKind kind, bool has_undo = false>
class Step : public Ref<R> {
 public:
  Step(Graph& graph, StepId id) : Ref<R>(graph, id), graph_(&graph) {}

  // How to take the step back. Must be harmless when the step never took effect, and must not trust its
  // result: amends::own_result is empty when the reply was lost. `args` are the input, earlier steps,
  // own_result.
  template <class Fn, class... Args>
  auto undo(std::string name, Fn fn, Args... args) {
    static_assert(
        kind == StepKind::reversible,
        "amends: only a reversible step has an undo; a read changes nothing, a pivot and what follows "
        "it are never taken back");
    static_assert(!has_undo, "amends: this step has an undo already");
    if constexpr (kind == StepKind::reversible && !has_undo) {
      if constexpr (detail::is_step_function<R, Fn, Args...>()) {
        UndoNode undo;
        undo.name = std::move(name);
        detail::bind<R>(*graph_, std::move(fn), undo, args...);
        node().undo = std::move(undo);
      }
    }
    return Step<R, kind, true>(*graph_, this->id());
  }

  Step retry(Retry policy) {
    node().retry = policy;
    return *this;
  }
  // The longest time one attempt may take; then its outcome is unknown. 5 s when not given.
  Step timeout(std::chrono::milliseconds limit) {
    node().timeout = limit;
    return *this;
  }

  Step undo_retry(Retry policy) {
    static_assert(has_undo, "amends: undo_retry() comes after undo()");
    if constexpr (has_undo) node().undo->retry = policy;
    return *this;
  }
  Step undo_timeout(std::chrono::milliseconds limit) {
    static_assert(has_undo, "amends: undo_timeout() comes after undo()");
    if constexpr (has_undo) node().undo->timeout = limit;
    return *this;
  }

 private:
  StepNode& node() { return graph_->steps[this->id()]; }
  Graph* graph_;
};

}  // namespace amends
