// Holds a step function against its arguments, in sentences, before any template of the builder is tried.
#pragma once
#include <amends/ref.hpp>
#include <functional>
#include <tuple>

namespace amends::detail {

template <class A, class Own>
struct Trusting : Given<A, Own> {};
template <class Own>
struct Trusting<OwnResult, Own> {
  using Type = Own;
};

// Checks one rule after the other and stops at the first that is broken, so that one sentence is printed.
// Own is void for a step, the step's result for its undo.
template <class Own, class Fn, class... Args>
consteval bool is_step_function() {
  constexpr bool in_undo = !std::is_void_v<Own>;
  if constexpr (!in_undo && (is_own<Args> || ...)) {
    static_assert(never<Fn>, "amends: own_result stands only in an undo; a step has no result before it ran");
    return false;
  } else if constexpr (!((is_ref<Args> || is_own<Args>)&&...)) {
    static_assert(never<Fn>,
                  "amends: a step's arguments are plan.input(), earlier steps and, in an undo, "
                  "amends::own_result; put constants into the step function");
    return false;
  } else if constexpr (!std::is_invocable_v<const Fn&, GivenTo<Args, Own>...>) {
    if constexpr (in_undo && std::is_invocable_v<const Fn&, const typename Trusting<Args, Own>::Type&...>) {
      static_assert(never<Fn>,
                    "amends: this undo trusts its step's result, which is unknown after a timeout; take "
                    "const std::optional<R>& and cope with std::nullopt");
    } else {
      static_assert(never<Fn>,
                    "amends: the step function cannot be called with these arguments; it takes their values "
                    "in the order given, each as const T&");
    }
    return false;
  } else if constexpr (!is_call<std::invoke_result_t<const Fn&, GivenTo<Args, Own>...>>) {
    static_assert(never<Fn>,
                  "amends: a step function returns amends::Call<R>, where R is what the reply holds "
                  "(amends::Nothing when it does not matter)");
    return false;
  } else {
    return true;
  }
}

template <class Own, class Fn, class... Args>
using ResultOf = typename std::invoke_result_t<const Fn&, GivenTo<Args, Own>...>::Result;

// The function and its arguments, bound; called off the engine's loop, from any thread.
template <class Own, class Fn, class... Args>
BuildRequest bind(const Graph& graph, Fn fn, std::vector<StepId>& uses, const Args&... args) {
  // Braces: the order of evaluation is the order of the arguments.
  auto wires = std::tuple{wire<Own>(graph, args, uses)...};
  return [fn = std::move(fn), wires = std::move(wires)](const Values& values) -> Request {
    return std::apply([&](const auto&... one) { return std::invoke(fn, one.value(values)...).request; },
                      wires);
  };
}

}  // namespace amends::detail
