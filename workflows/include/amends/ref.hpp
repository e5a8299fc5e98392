// Refs: values that will exist, and how they reach a step function.
#pragma once
#include <amends/graph.hpp>
#include <stdexcept>
#include <type_traits>

namespace amends {

// A value that will exist once its step has succeeded. Only that step (or Plan::input) makes one, so a value
// cannot be used before it is made.
template <class T>
class Ref {
 public:
  template <class Never = T>
  Ref() {
    static_assert(detail::never<Never>,
                  "amends: a Ref is used before it was made; take it from the step that makes the value, or "
                  "from plan.input()");
  }
  Ref(const Graph& graph, StepId id) : graph_(&graph), id_(id) {}

  // The step's place in its plan; input_id for the input.
  StepId id() const { return id_; }
  // The same, or foreign_id when asked by another plan.
  StepId id_in(const Graph& graph) const { return graph_ == &graph ? id_ : foreign_id; }

 private:
  const Graph* graph_;
  StepId id_;
};

// In an undo's arguments: the result of the step that is undone, as const std::optional<R>&. It is empty when
// nobody knows whether the step took effect, and an undo has to cope with that.
struct OwnResult {};
inline constexpr OwnResult own_result{};

namespace detail {

template <class T>
std::type_identity<T> ref_probe(const Ref<T>*);
std::type_identity<void> ref_probe(const void*);

// The T of a Ref<T> or a Step; void for anything else.
template <class A>
using RefValue = typename decltype(ref_probe(static_cast<const A*>(nullptr)))::type;

template <class A>
inline constexpr bool is_ref = !std::is_void_v<RefValue<A>>;
template <class A>
inline constexpr bool is_own = std::is_same_v<A, OwnResult>;

// What the step function is given for an argument; Own is the result of the step that is undone.
template <class A, class Own>
struct Given {
  using Type = RefValue<A>;
};
template <class Own>
struct Given<OwnResult, Own> {
  using Type = std::optional<Own>;
};
template <class A, class Own>
using GivenTo = const typename Given<A, Own>::Type&;

// One argument, bound to its place in the plan; turns into the value when the request is built.
template <class T>
struct Wire {
  StepId id;
  std::string what;  // "the result of 'create-shipment'"

  T value(const Values& values) const {
    if (values.rehearsal) return sample<T>();
    const std::string* text = nullptr;
    if (id == input_id)
      text = values.input;
    else if (values.results != nullptr && id < values.results->size())
      text = (*values.results)[id];
    if (text == nullptr) throw std::logic_error(what + " is not known yet");
    T out{};
    if (read_plain(*text, out)) return out;
    out = T{};
    const auto wrong = decode(Json::parse(*text), out, UnknownFields::allowed);
    if (wrong) throw std::invalid_argument("in " + what + ", " + *wrong);
    return out;
  }
};

template <class Own>
struct OwnWire {
  static constexpr StepId id = own_id;

  std::optional<Own> value(const Values& values) const {
    if (values.rehearsal || values.own_result == nullptr) return std::nullopt;
    Own out{};
    const auto wrong = decode(Json::parse(*values.own_result), out, UnknownFields::allowed);
    // A reply that cannot be read is as good as no reply: the undo is built to cope with that.
    return wrong ? std::nullopt : std::optional<Own>(std::move(out));
  }
};

template <class Own, class A>
auto wire(const Graph& graph, const A& argument, std::vector<StepId>& uses) {
  if constexpr (is_own<A>) {
    return OwnWire<Own>{};
  } else {
    const StepId id = argument.id_in(graph);
    uses.push_back(id);
    std::string what = "the input";
    if (id < graph.steps.size()) what = "the result of '" + graph.steps[id].name + "'";
    return Wire<RefValue<A>>{id, std::move(what)};
  }
}

}  // namespace detail
}  // namespace amends
