// Loads plugins, keeps the plans of those that are sound, and calls their step functions.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/definition/endpoints.hpp"
#include "engine/definition/plan.hpp"
#include "engine/ports/catalog.hpp"
#include "engine/ports/local_functions.hpp"
#include "engine/ports/preparer.hpp"
#include "workflows/host/trial.hpp"

namespace amends {
struct LocalFunction;
class Registry;
}  // namespace amends

namespace amends::engine {

class OpenFile;

// Why a plugin is not used: one sentence each, several for one plugin when several things are wrong.
struct Refusal {
  std::string path;
  std::string reason;

  bool operator==(const Refusal&) const = default;
};

// A workflow as a plugin offered it, sound or not; for `amends check`.
struct Draft {
  std::string plugin;  // its path
  std::string workflow;
  std::uint32_t version = 0;
  std::string input_type;
  std::vector<Step> steps;
  std::vector<std::string> findings;  // empty when the plan is sound
  std::vector<std::string> notes;     // worth a look, and no reason to refuse it
};

// load() runs on one thread, before the host is shared and best before other threads run: each plugin is
// tried in a child process first, so that one that crashes or hangs while it is loaded is refused like any
// other. Everything else may be called from any thread.
//
// A plugin is used whole or not at all. It stays in the process for ever, refused or not. What its code
// throws becomes a sentence; a crash or an endless loop of a step function later is the process's own: it is
// native code.
class Host final : public Preparer, public PlanCatalog, public LocalFunctions {
 public:
  Host();
  explicit Host(const std::vector<std::string>& paths);
  ~Host() override;

  // `path` must be absolute. A plugin that cannot be used adds to refusals() and disturbs no other.
  void load(const std::string& path);
  // Workflows of this program's own. `origin` is what a refusal calls them.
  void enrol(const std::string& origin, void (*offer)(Registry&));

  const std::vector<Refusal>& refusals() const { return refusals_; }
  const std::vector<Draft>& drafts() const { return drafts_; }

  // By name, then by version.
  std::vector<PlanPtr> plans() const override;
  // Without a version the highest one; nullptr when there is none.
  PlanPtr find_plan(std::string_view workflow,
                    std::optional<std::uint32_t> version = std::nullopt) const override;

  // What keeps `input` from being the plan's input, in one sentence: fields missing, of another type,
  // unknown. Empty when it is good.
  std::string check_input(const Plan& plan, const Json& input) const override;
  // The same for a step's reply, where unknown fields are allowed.
  std::string check_result(const Plan& plan, StepIndex step, const Json& result) const override;
  bool fits_result(const Plan& plan, StepIndex step, std::string_view text) const override;

  // Calls the author's function. What it throws, and a result that it cannot read, is a PrepareError that
  // names workflow, step and field.
  Prepared prepare(const Plan& plan, StepIndex step, Direction direction, const Known& known) const override;
  // The call of a local function is written without it.
  std::optional<Prepared> prepare_at_once(const Plan& plan, StepIndex step, Direction direction,
                                          const Known& known) const override;
  // Calls the local function that the attempt's request names.
  Reply call(const Attempt& attempt) const override;

 private:
  struct Loaded;
  struct Candidate;
  void load_opened(OpenFile file, const std::string& path);
  void refuse(const std::string& path, const std::string& reason);
  std::vector<std::string> examine(const std::string& path, Candidate& candidate);
  void enter_functions(const Loaded& loaded);
  const Loaded* find_loaded(const Plan& plan) const;

  std::map<std::string, std::map<std::uint32_t, std::unique_ptr<Loaded>>, std::less<>> loaded_;
  std::unordered_map<std::string, const LocalFunction*> functions_;  // by write_call's name; loaded_ has them
  std::vector<Refusal> refusals_;
  std::vector<Draft> drafts_;
  AboutTo about_to_ = [](std::string_view) {};  // heard in a trial only
};

}  // namespace amends::engine
