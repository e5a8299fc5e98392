// The workflows of a run, as their authors would have written them, and what an engine has loaded of them.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/ports/catalog.hpp"
#include "engine/ports/preparer.hpp"
#include "tests/simulation/base/setting.hpp"

namespace amends::simulation {

// Drawn for the run: some workflows have two versions. Each step asks one of the participants.
std::vector<engine::PlanPtr> draw_workflows(const Setting& setting);

// What one incarnation of an engine has loaded. Immutable.
class Loaded final : public engine::PlanCatalog {
 public:
  explicit Loaded(std::vector<engine::PlanPtr> plans) : plans_(std::move(plans)) {}

  engine::PlanPtr find_plan(std::string_view workflow, std::optional<std::uint32_t> version) const override;
  std::vector<engine::PlanPtr> plans() const override { return plans_; }
  std::string check_input(const engine::Plan& plan, const engine::Json& input) const override;
  std::string check_result(const engine::Plan& plan, engine::StepIndex step,
                           const engine::Json& result) const override;
  bool fits_result(const engine::Plan& plan, engine::StepIndex step, std::string_view result) const override;

 private:
  const std::vector<engine::PlanPtr> plans_;  // by workflow and version
};

// The authors' functions. No two calls give the same bytes, so that a request which is built twice shows.
class Authors final : public engine::Preparer {
 public:
  engine::Prepared prepare(const engine::Plan& plan, engine::StepIndex step, engine::Direction direction,
                           const engine::Known& known) const override;
  // In every second workflow what a read asks needs no author.
  std::optional<engine::Prepared> prepare_at_once(const engine::Plan& plan, engine::StepIndex step,
                                                  engine::Direction direction,
                                                  const engine::Known& known) const override;

 private:
  mutable std::uint64_t calls_ = 0;
};

}  // namespace amends::simulation
