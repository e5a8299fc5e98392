#include "engine/definition/plan.hpp"

#include "engine/base/check.hpp"
#include "engine/base/json.hpp"
#include "engine/base/sha256.hpp"

namespace amends::engine {
namespace {

Json as_json(const RetryPolicy& retry) {
  Json out{{"delay_first_ms", retry.delay_first.count()}, {"delay_max_ms", retry.delay_max.count()}};
  out["attempts_max"] =
      retry.attempts_max == attempts_unlimited ? Json("unlimited") : Json(retry.attempts_max);
  return out;
}

Json uses_json(const std::vector<StepIndex>& uses, const std::vector<Step>& steps) {
  Json out = Json::array();
  for (const StepIndex u : uses) out.push_back(u == input_value ? "input" : steps[u].name);
  return out;
}

// What a running saga relies on; a change here under the same version is refused.
Json wiring(const std::vector<Step>& steps) {
  Json out = Json::array();
  for (const Step& step : steps) {
    Json one{{"name", step.name}, {"kind", name_of(step.kind)}, {"result", step.result_type}};
    one["after"] = uses_json(step.after, steps);
    one["uses"] = uses_json(step.uses, steps);
    if (step.undo) one["undo"] = {{"name", step.undo->name}, {"uses", uses_json(step.undo->uses, steps)}};
    out.push_back(std::move(one));
  }
  return out;
}

void add_endpoint(Json& out, const std::string& adapter, const std::string& endpoint) {
  if (endpoint.empty()) return;
  out["adapter"] = adapter;
  out["endpoint"] = endpoint;
}

std::optional<StepIndex> find_point_of_no_return(const std::vector<Step>& steps) {
  const auto of_kind = [&](StepKind kind) -> std::optional<StepIndex> {
    for (StepIndex i = 0; i < steps.size(); ++i)
      if (steps[i].kind == kind) return i;
    return std::nullopt;
  };
  const auto pivot = of_kind(StepKind::pivot);
  return pivot ? pivot : of_kind(StepKind::retriable);
}

}  // namespace

std::string_view name_of(StepKind kind) {
  switch (kind) {
    case StepKind::read: return "read";
    case StepKind::reversible: return "reversible";
    case StepKind::pivot: return "pivot";
    case StepKind::retriable: return "retriable";
  }
  return "?";
}

Plan::Plan(std::string workflow, std::uint32_t version, std::string input_type, std::vector<Step> steps)
    : workflow_(std::move(workflow)),
      version_(version),
      input_type_(std::move(input_type)),
      steps_(std::move(steps)) {
  AMENDS_CHECK(!steps_.empty(), "a plan has at least one step");
  next_.resize(steps_.size());
  past_no_return_.resize(steps_.size());
  point_of_no_return_ = find_point_of_no_return(steps_);
  for (StepIndex i = 0; i < steps_.size(); ++i) {
    for (const StepIndex a : steps_[i].after) {
      AMENDS_CHECK(a < i, "a step comes after those it depends on");
      next_[a].push_back(i);
      past_no_return_[i] = past_no_return_[i] || past_no_return_[a];
    }
    const StepKind kind = steps_[i].kind;
    if (kind == StepKind::pivot || kind == StepKind::retriable) past_no_return_[i] = true;
  }
  id_ = workflow_ + "@" + std::to_string(version_);
  shape_ = hex(sha256(canonical({{"input", input_type_}, {"steps", wiring(steps_)}})));
}

std::optional<StepIndex> Plan::find_step(std::string_view name) const {
  for (StepIndex i = 0; i < size(); ++i)
    if (steps_[i].name == name) return i;
  for (StepIndex i = 0; i < size(); ++i)
    if (steps_[i].undo && steps_[i].undo->name == name) return i;
  return std::nullopt;
}

std::string Plan::graph_json() const {
  Json steps = wiring(steps_);
  for (StepIndex i = 0; i < size(); ++i) {
    const Step& step = steps_[i];
    steps[i]["retry"] = as_json(step.retry);
    steps[i]["timeout_ms"] = step.timeout.count();
    add_endpoint(steps[i], step.adapter, step.endpoint);
    if (!step.undo) continue;
    steps[i]["undo"]["retry"] = as_json(step.undo->retry);
    steps[i]["undo"]["timeout_ms"] = step.undo->timeout.count();
    add_endpoint(steps[i]["undo"], step.undo->adapter, step.undo->endpoint);
  }
  Json out{{"workflow", workflow_}, {"version", version_}, {"shape", shape_}, {"input", input_type_}};
  out["steps"] = std::move(steps);
  if (point_of_no_return_) out["point_of_no_return"] = steps_[*point_of_no_return_].name;
  return canonical(out);
}

}  // namespace amends::engine
