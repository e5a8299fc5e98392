#include "workflows/host/host.hpp"

#include "engine/base/check.hpp"
#include "workflows/host/convert.hpp"
#include "workflows/host/guarded.hpp"
#include "workflows/host/local_call.hpp"
#include "workflows/host/plugin_entry.hpp"
#include "workflows/host/trial.hpp"

namespace amends::engine {
struct Host::Loaded {
  PlanPtr plan;
  std::unique_ptr<Graph> graph;  // holds the author's functions
};

struct Host::Candidate {
  Registry::Entry entry;
  std::unique_ptr<Loaded> loaded;  // once it is sound
};

Host::Host() = default;
Host::~Host() = default;

Host::Host(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) load(path);
}

void Host::refuse(const std::string& path, const std::string& reason) {
  refusals_.push_back({path, clean_sentence(reason)});
}

void Host::load(const std::string& path) {
  auto file = open_plugin_file(path);
  if (const auto* reason = std::get_if<Reason>(&file)) return refuse(path, reason->sentence);
  OpenFile& opened = std::get<OpenFile>(file);
  const auto crash = find_crash([&](const AboutTo& about_to) {
    Host trial;
    trial.about_to_ = about_to;
    trial.load_opened(std::move(opened), path);
  });
  if (crash) return refuse(path, *crash);
  load_opened(std::move(opened), path);
}

void Host::load_opened(OpenFile file, const std::string& path) {
  auto entry = load_plugin(std::move(file), path);
  if (const auto* reason = std::get_if<Reason>(&entry)) return refuse(path, reason->sentence);
  enrol(path, std::get<void (*)(Registry&)>(entry));
}

void Host::enrol(const std::string& path, void (*offer)(Registry&)) {
  Registry registry;
  if (auto thrown = guarded([&] { offer(registry); }))
    return refuse(path, "its enrol function threw: " + *thrown);
  if (registry.entries().empty()) return refuse(path, "offers no workflow");

  std::vector<Candidate> candidates;
  std::vector<std::string> reasons;
  for (Registry::Entry& one : registry.entries()) {
    candidates.push_back({std::move(one), nullptr});
    for (std::string& finding : examine(path, candidates.back())) reasons.push_back(std::move(finding));
  }
  for (const std::string& reason : reasons) refuse(path, reason);
  if (!reasons.empty()) return;
  for (Candidate& one : candidates) {
    const auto [it, fresh] =
        loaded_[one.entry.workflow].try_emplace(one.entry.version, std::move(one.loaded));
    if (fresh) enter_functions(*it->second);
  }
}

void Host::enter_functions(const Loaded& loaded) {
  const std::string& plan = loaded.plan->id();
  for (const StepNode& node : loaded.graph->steps) {
    if (node.local) functions_[function_name(plan, node.name)] = &*node.local;
    if (node.undo && node.undo->local) functions_[function_name(plan, node.undo->name)] = &*node.undo->local;
  }
}

// Builds the plan when nothing speaks against it; returns everything that does.
std::vector<std::string> Host::examine(const std::string& path, Candidate& candidate) {
  Registry::Entry& entry = candidate.entry;
  Draft& draft = drafts_.emplace_back();
  draft.plugin = path;
  draft.workflow = entry.workflow;
  draft.version = entry.version;
  const std::string id = entry.workflow + "@" + std::to_string(entry.version), where = id + ": ";

  about_to_("in the define function of " + id);
  if (auto thrown = guarded([&] { entry.build(*entry.graph); })) {
    draft.findings = {where + "its define function threw: " + *thrown};
    return draft.findings;
  }
  draft.input_type = entry.graph->input_type;
  draft.steps = convert(*entry.graph);
  draft.findings = findings(entry.workflow, entry.version, draft.steps);
  for (const std::string& problem : entry.graph->problems) draft.findings.push_back(where + problem);
  // Only a sound plan is rehearsed: the values of one with findings may not exist.
  if (draft.findings.empty()) {
    const Rehearsal rehearsal = rehearse(*entry.graph, draft.steps, [&](std::string_view place) {
      about_to_(std::string(place) + " in " + id);
    });
    for (const std::string& finding : rehearsal.findings) draft.findings.push_back(where + finding);
    for (const std::string& note : rehearsal.notes) draft.notes.push_back(where + note);
  }
  if (!draft.findings.empty()) return draft.findings;

  auto plan = std::make_shared<const Plan>(entry.workflow, entry.version, draft.input_type, draft.steps);
  const PlanPtr other = find_plan(entry.workflow, entry.version);
  if (other && other->shape() != plan->shape())
    draft.findings = {
        where + "another plugin offers this version with another shape; a changed plan needs a new version"};
  candidate.loaded = std::make_unique<Loaded>(Loaded{std::move(plan), std::move(entry.graph)});
  return draft.findings;
}

std::vector<PlanPtr> Host::plans() const {
  std::vector<PlanPtr> out;
  for (const auto& [workflow, versions] : loaded_)
    for (const auto& [version, loaded] : versions) out.push_back(loaded->plan);
  return out;
}

PlanPtr Host::find_plan(std::string_view workflow, std::optional<std::uint32_t> version) const {
  const auto versions = loaded_.find(workflow);
  if (versions == loaded_.end()) return nullptr;
  if (!version) return versions->second.rbegin()->second->plan;
  const auto found = versions->second.find(*version);
  return found == versions->second.end() ? nullptr : found->second->plan;
}

const Host::Loaded* Host::find_loaded(const Plan& plan) const {
  const auto versions = loaded_.find(plan.workflow());
  if (versions == loaded_.end()) return nullptr;
  const auto found = versions->second.find(plan.version());
  if (found == versions->second.end() || found->second->plan->shape() != plan.shape()) return nullptr;
  return found->second.get();
}

std::string Host::check_input(const Plan& plan, const Json& input) const {
  const Loaded* loaded = find_loaded(plan);
  if (loaded == nullptr) return plan.id() + " is not loaded";
  std::optional<std::string> wrong;
  if (auto thrown = guarded([&] { wrong = loaded->graph->check_input(input); })) wrong = std::move(thrown);
  if (wrong) return clean_sentence("in the input of " + plan.id() + ", " + *wrong);
  return {};
}

std::string Host::check_result(const Plan& plan, StepIndex step, const Json& result) const {
  AMENDS_CHECK(step < plan.size(), "a result belongs to a step of its plan");
  const Loaded* loaded = find_loaded(plan);
  if (loaded == nullptr) return plan.id() + " is not loaded";
  std::optional<std::string> wrong;
  if (auto thrown = guarded([&] { wrong = loaded->graph->steps[step].check_result(result); }))
    wrong = std::move(thrown);
  if (wrong) return clean_sentence("in the result of '" + plan.step(step).name + "', " + *wrong);
  return {};
}

bool Host::fits_result(const Plan& plan, StepIndex step, std::string_view text) const {
  const Loaded* loaded = find_loaded(plan);
  bool fits = false;
  if (loaded == nullptr || step >= plan.size()) return fits;
  // What it throws, check_result throws again, and says so.
  guarded([&] { fits = loaded->graph->steps[step].fits_result(text); });
  return fits;
}

Prepared Host::prepare(const Plan& plan, StepIndex step, Direction direction, const Known& known) const {
  AMENDS_CHECK(step < plan.size(), "only a step of the plan is prepared");
  AMENDS_CHECK(direction == Direction::run || plan.step(step).undo, "only a step with an undo is undone");
  const Loaded* loaded = find_loaded(plan);
  if (loaded == nullptr) return PrepareError{plan.id() + " is not loaded"};

  if (auto call = prepare_at_once(plan, step, direction, known)) return std::move(*call);
  const StepNode& node = loaded->graph->steps[step];
  const BuildRequest& build = direction == Direction::run ? node.build : node.undo->build;
  const std::string& name = direction == Direction::run ? node.name : node.undo->name;
  const Values values{known.input, &known.results, known.own_result, false};
  Prepared prepared = PrepareError{};
  // The request is encoded inside the guard: its values are the author's objects too.
  auto wrong = guarded([&] { prepared = encode_request(build(values)); });
  if (!wrong && std::holds_alternative<Request>(prepared)) return prepared;
  if (!wrong) wrong = std::get<PrepareError>(prepared).sentence;
  return PrepareError{clean_sentence(plan.id() + ": '" + name + "' cannot be prepared: " + *wrong)};
}

std::optional<Prepared> Host::prepare_at_once(const Plan& plan, StepIndex step, Direction direction,
                                              const Known& known) const {
  const Loaded* loaded = find_loaded(plan);
  if (loaded == nullptr) return std::nullopt;
  const StepNode& node = loaded->graph->steps[step];
  const auto& local = direction == Direction::run ? node.local : node.undo->local;
  if (!local) return std::nullopt;
  return write_call(plan, direction == Direction::run ? node.name : node.undo->name, *local, known);
}

Reply Host::call(const Attempt& attempt) const {
  const FunctionCall call = read_call(attempt.request->body);
  const auto found = functions_.find(call.function);
  return found == functions_.end() ? no_function(call.function) : run_call(*found->second, attempt, call);
}

}  // namespace amends::engine
