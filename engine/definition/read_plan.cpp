#include "engine/definition/read_plan.hpp"

#include <algorithm>
#include <map>

namespace amends::engine {
namespace {

constexpr Millis pace_max = std::chrono::hours(24 * 366);  // far above what a plan may ask for

std::optional<StepKind> find_kind(const std::string& name) {
  for (const StepKind kind : {StepKind::read, StepKind::reversible, StepKind::pivot, StepKind::retriable})
    if (name_of(kind) == name) return kind;
  return std::nullopt;
}

// Names of steps that stand before, or "input".
bool read_uses(const Json& from, const std::map<std::string, StepIndex>& places,
               std::vector<StepIndex>& uses) {
  if (!from.contains("uses")) return true;
  for (const Json& name : from["uses"]) {
    const auto place = places.find(name.get<std::string>());
    if (place == places.end() && name != "input") return false;
    uses.push_back(place == places.end() ? input_value : place->second);
  }
  return true;
}

// What is left out, or is no such number, stays as it is by default.
void read_pace(const Json& from, RetryPolicy& retry, Millis& timeout) {
  const auto read = [](const Json& object, const char* name, Millis& out) {
    if (object.is_object() && object.contains(name) && object[name].is_number_integer())
      out = Millis(std::clamp<std::int64_t>(object[name].get<std::int64_t>(), 0, pace_max.count()));
  };
  read(from, "timeout_ms", timeout);
  if (!from.contains("retry")) return;
  const Json& given = from["retry"];
  read(given, "delay_first_ms", retry.delay_first);
  read(given, "delay_max_ms", retry.delay_max);
  if (!given.is_object() || !given.contains("attempts_max")) return;
  const Json& attempts = given["attempts_max"];
  if (attempts == "unlimited") retry.attempts_max = attempts_unlimited;
  if (attempts.is_number_unsigned() && attempts > 0u && attempts < attempts_unlimited)
    retry.attempts_max = attempts.get<std::uint32_t>();
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
  step.result_type = from.value("result", std::string());
  if (!read_uses(from, places, step.uses)) return false;
  read_pace(from, step.retry, step.timeout);
  if (from.contains("undo")) {
    step.undo = UndoStep{};
    step.undo->name = from["undo"].at("name").get<std::string>();
    if (!read_uses(from["undo"], places, step.undo->uses)) return false;
    read_pace(from["undo"], step.undo->retry, step.undo->timeout);
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
