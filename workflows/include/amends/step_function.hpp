// Holds a step function against its arguments, in sentences, before any template of the builder is tried.
#pragma once
#include <amends/local.hpp>
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

// What a verb was given, without its amends::local().
template <class Fn>
struct Body {
  using Function = Fn;
};
template <class Fn>
struct Body<Local<Fn>> {
  using Function = Fn;
};

// Whether the function takes these; a local one may take its attempt before them.
template <class Fn, class... Given>
inline constexpr bool takes =
    std::is_invocable_v<const typename Body<Fn>::Function&, Given...> ||
    (is_local<Fn> && std::is_invocable_v<const typename Body<Fn>::Function&, const Attempt&, Given...>);

template <class Fn, class... Given>
auto call_probe() {
  using Function = typename Body<Fn>::Function;
  if constexpr (std::is_invocable_v<const Function&, Given...>)
    return std::type_identity<std::invoke_result_t<const Function&, Given...>>{};
  else
    return std::type_identity<std::invoke_result_t<const Function&, const Attempt&, Given...>>{};
}
template <class Own, class Fn, class... Args>
using Returned = std::remove_cvref_t<typename decltype(call_probe<Fn, GivenTo<Args, Own>...>())::type>;

// What a local function may return.
template <class Returns>
consteval bool is_local_result() {
  if constexpr (is_call<Returns>) {
    static_assert(never<Returns>,
                  "amends: this function returns amends::Call, a request; give it without amends::local()");
    return false;
  } else if constexpr (!std::is_void_v<Returns> && !Durable<Returns>) {
    static_assert(never<Returns>,
                  "amends: a local function returns nothing or a durable type: list its fields with "
                  "AMENDS_DATA(Type, fields...)");
    return false;
  } else {
    return true;
  }
}

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
  } else if constexpr (!takes<Fn, GivenTo<Args, Own>...>) {
    if constexpr (in_undo && takes<Fn, const typename Trusting<Args, Own>::Type&...>) {
      static_assert(never<Fn>,
                    "amends: this undo trusts its step's result, which is unknown after a timeout; take "
                    "const std::optional<R>& and cope with std::nullopt");
    } else {
      static_assert(never<Fn>,
                    "amends: the step function cannot be called with these arguments; it takes their values "
                    "in the order given, each as const T&");
    }
    return false;
  } else if constexpr (is_local<Fn>) {
    return is_local_result<Returned<Own, Fn, Args...>>();
  } else if constexpr (!is_call<Returned<Own, Fn, Args...>>) {
    static_assert(never<Fn>,
                  "amends: a step function returns amends::Call<R>, where R is what the reply holds "
                  "(amends::Nothing when it does not matter); one that does the work itself is given as "
                  "amends::local(function)");
    return false;
  } else {
    return true;
  }
}

template <class Returns>
struct Result {
  using Type = Returns;  // a local function's
};
template <>
struct Result<void> {
  using Type = Nothing;
};
template <class R>
struct Result<Call<R>> {
  using Type = R;
};
template <class Own, class Fn, class... Args>
using ResultOf = typename Result<Returned<Own, Fn, Args...>>::Type;

// The function and its arguments, bound into the step's or the undo's node; called off the engine's loop,
// from any thread.
template <class Own, class Fn, class Node, class... Args>
void bind(const Graph& graph, Fn fn, Node& node, const Args&... args) {
  // Braces: the order of evaluation is the order of the arguments.
  auto wires = std::tuple{wire<Own>(graph, args, node.uses)...};
  if constexpr (is_local<Fn>) {
    node.local.emplace();
    std::apply([&](const auto&... one) { node.local->arguments = {one.id...}; }, wires);
    node.local->call = [fn = std::move(fn.function)](const Attempt& attempt, std::string_view arguments) {
      return run_local<Returned<Own, Local<decltype(fn)>, Args...>,
                       std::remove_cvref_t<GivenTo<Args, Own>>...>(fn, attempt, arguments);
    };
  } else {
    node.build = [fn = std::move(fn), wires = std::move(wires)](const Values& values) -> Request {
      return std::apply([&](const auto&... one) { return std::invoke(fn, one.value(values)...).request; },
                        wires);
    };
  }
}

}  // namespace amends::detail
