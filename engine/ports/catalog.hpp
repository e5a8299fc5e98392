// The plans that are loaded, and what their authors' types say about an input.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/definition/plan.hpp"

namespace amends::engine {

// Any thread.
class PlanCatalog {
 public:
  virtual ~PlanCatalog() = default;
  // The newest version when none is given; nullptr when it is not loaded.
  virtual PlanPtr find_plan(std::string_view workflow, std::optional<std::uint32_t> version) const = 0;
  // All that are loaded, by workflow and version.
  virtual std::vector<PlanPtr> plans() const = 0;
  // Empty when the plan's input type takes it; else one sentence that names the field. Never throws.
  virtual std::string check_input(const Plan& plan, const Json& input) const = 0;
  // The same for what an operator says that a step returned; unknown fields are allowed.
  virtual std::string check_result(const Plan&, StepIndex, const Json&) const { return {}; }
  // Whether this canonical text surely passes check_result, found without a document; false says nothing.
  virtual bool fits_result(const Plan&, StepIndex, std::string_view) const { return false; }
};

}  // namespace amends::engine
