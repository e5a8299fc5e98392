// A line of steps, run from top to bottom.
#pragma once
#include <amends/step.hpp>
#include <tuple>

namespace amends {

class Lane {
 public:
  Lane(Graph& graph, std::vector<StepId> after) : graph_(&graph), tail_(std::move(after)) {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Asks, changes nothing; nothing to undo.
  template <class Fn, class... Args>
  auto read(std::string name, Fn fn, Args... args) {
    return add<StepKind::read>(std::move(name), std::move(fn), args...);
  }
  // Works something out with a C++ function in the engine's own process: short for
  // read(name, amends::local(fn), args...). See amends/local.hpp for what such a function may do.
  template <class Fn, class... Args>
  auto local(std::string name, Fn fn, Args... args) {
    if constexpr (detail::is_local<Fn>) {
      static_assert(detail::never<Fn>,
                    "amends: local() takes the function itself; amends::local() is for the other verbs");
      return Step<Nothing, StepKind::read>(*graph_, 0);
    } else {
      return add<StepKind::read>(std::move(name), amends::local(std::move(fn)), args...);
    }
  }
  // Changes what its undo() can take back. Comes before the pivot.
  template <class Fn, class... Args>
  auto reversible(std::string name, Fn fn, Args... args) {
    return add<StepKind::reversible>(std::move(name), std::move(fn), args...);
  }
  // Comes after the pivot and is tried until it succeeds. In a plan without a pivot the first one is the
  // point of no return.
  template <class Fn, class... Args>
  auto retriable(std::string name, Fn fn, Args... args) {
    return add<StepKind::retriable>(std::move(name), std::move(fn), args...);
  }

  // `auto`, so that these sentences come before any about what a lane returns.
  template <class... Any>
  auto pivot(Any&&...) {
    static_assert(detail::never<std::tuple<Any...>>,
                  "amends: a lane has no pivot, because a saga commits itself in one place; write it on the "
                  "plan, before or after parallel()");
    return Step<Nothing, StepKind::pivot>(*graph_, 0);
  }
  template <class... Any>
  auto parallel(Any&&...) {
    static_assert(detail::never<std::tuple<Any...>>,
                  "amends: lanes do not nest; write parallel() on the plan");
    return Step<Nothing, StepKind::read>(*graph_, 0);
  }

  const std::vector<StepId>& tail() const { return tail_; }

 protected:
  template <StepKind kind, class Fn, class... Args>
  auto add(std::string name, Fn fn, Args... args) {
    if constexpr (!detail::is_step_function<void, Fn, Args...>()) {
      return Step<Nothing, kind>(*graph_, 0);
    } else {
      using R = detail::ResultOf<void, Fn, Args...>;
      if (in_lanes_)
        graph_->problems.push_back("'" + name.substr(0, 64) +
                                   "' is added to the plan inside a lane; add it to the lane");
      const auto id = static_cast<StepId>(graph_->steps.size());
      StepNode node;
      node.name = std::move(name);
      node.kind = kind;
      node.result_type = type_name<R>();
      node.result_is_nothing = std::is_same_v<R, Nothing>;
      node.after = std::exchange(tail_, {id});
      detail::bind<void>(*graph_, std::move(fn), node, args...);
      node.check_result = [](const Json& json) {
        R out{};
        return decode(json, out, UnknownFields::allowed);
      };
      node.fits_result = [](std::string_view text) {
        R out{};
        return read_plain(text, out);
      };
      graph_->steps.push_back(std::move(node));
      return Step<R, kind>(*graph_, id);
    }
  }

  Graph* graph_;
  std::vector<StepId> tail_;  // what the next step comes after
  bool in_lanes_ = false;     // the plan's lanes are being built
};

}  // namespace amends
