#include "engine/definition/read_plan.hpp"

#include <map>

namespace amends::engine {
namespace {

std::optional<StepKind> find_kind(const std::string& name) {
  for (const StepKind kind : {StepKind::read, StepKind::reversible, StepKind::pivot, StepKind::retriable})
    if (name_of(kind) == name) return kind;
  return std::nullopt;
}

// Each step comes after steps that stand before it, so that what comes out is a plan whatever came in.
bool add_step(const Json& from, std::map<std::string, StepIndex>& places, std::vector<Step>& steps) {
  Step step;
  step.name = from.at("name").get<std::string>();
  const auto kind = find_kind(from.at("kind").get<std::string>());
  if (!kind) return false;
  step.kind = *kind;
  for (const Json& name : from.at("after")) {
    const auto place = places.find(name.get<std::string>());
    if (place == places.end()) return false;
    step.after.push_back(place->second);
  }
  if (from.contains("undo")) {
    step.undo = UndoStep{};
    step.undo->name = from["undo"].at("name").get<std::string>();
  }
  places[step.name] = static_cast<StepIndex>(steps.size());
  steps.push_back(std::move(step));
  return true;
}

}  // namespace

PlanPtr read_plan(const Json& graph) {
  try {
    std::map<std::string, StepIndex> places;
    std::vector<Step> steps;
    for (const Json& one : graph.at("steps"))
      if (steps.size() == steps_max || !add_step(one, places, steps)) return nullptr;
    if (steps.empty()) return nullptr;
    return std::make_shared<const Plan>(graph.at("workflow").get<std::string>(),
                                        graph.at("version").get<std::uint32_t>(),
                                        graph.at("input").get<std::string>(), std::move(steps));
  } catch (const Json::exception&) {
    return nullptr;
  }
}

}  // namespace amends::engine
