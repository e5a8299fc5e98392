// A plan: what a define() function describes, once, when its plugin is loaded.
#pragma once
#include <algorithm>
#include <amends/lane.hpp>
#include <tuple>

namespace amends {

namespace detail {

template <class Branch>
consteval bool is_lane() {
  if constexpr (!std::is_invocable_v<Branch&, Lane&>) {
    static_assert(never<Branch>, "amends: a lane is a function that takes amends::Lane&");
    return false;
  } else if constexpr (!is_ref<std::remove_cvref_t<std::invoke_result_t<Branch&, Lane&>>>) {
    static_assert(never<Branch>,
                  "amends: a lane returns the step whose result it hands on: return lane.reversible(...)");
    return false;
  } else {
    return true;
  }
}

template <class Branch>
using LaneRef = Ref<RefValue<std::remove_cvref_t<std::invoke_result_t<Branch&, Lane&>>>>;

}  // namespace detail

// One thread, during define() only.
template <class Input>
class Plan : public Lane {
  static_assert(
      Durable<Input>,
      "amends: the plan's input must be durable: list its fields with AMENDS_DATA(Type, fields...)");

 public:
  explicit Plan(Graph& graph) : Lane(graph, {}) {
    if constexpr (Durable<Input>) {
      graph.input_type = type_name<Input>();
      graph.check_input = [](const Json& json) {
        Input out{};
        return decode(json, out, UnknownFields::refused);
      };
    }
  }

  Ref<Input> input() const { return Ref<Input>(*graph_, input_id); }

  // The point of no return: before it everything can be undone, after it everything is driven to its end.
  template <class Fn, class... Args>
  auto pivot(std::string name, Fn fn, Args... args) {
    return add<StepKind::pivot>(std::move(name), std::move(fn), args...);
  }

  // Runs the lanes side by side and goes on when all have succeeded; when one fails, all are undone. Returns
  // a tuple with what each lane returned:
  //     auto [stock, risk] = plan.parallel([&](amends::Lane& lane) { return lane.reversible(...); }, ...);
  template <class... Branch>
  auto parallel(Branch... branch) {
    static_assert(sizeof...(Branch) >= 2,
                  "amends: parallel() runs two lanes or more; a single lane is the plan itself");
    if constexpr ((detail::is_lane<Branch>() && ...) && sizeof...(Branch) >= 2) {
      const std::vector<StepId> fork = tail_;
      std::vector<StepId> join;
      in_lanes_ = true;
      const auto run = [&]<class One>(One& make) {
        Lane lane(*graph_, fork);
        detail::LaneRef<One> made = make(lane);
        if (lane.tail() == fork) graph_->problems.push_back("a lane has no step");
        join.insert(join.end(), lane.tail().begin(), lane.tail().end());
        return made;
      };
      auto made = std::tuple{run(branch)...};
      in_lanes_ = false;
      std::sort(join.begin(), join.end());
      join.erase(std::unique(join.begin(), join.end()), join.end());
      tail_ = std::move(join);
      return made;
    }
  }
};

}  // namespace amends
