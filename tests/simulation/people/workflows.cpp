#include "tests/simulation/people/workflows.hpp"

#include "tests/properties/plans.hpp"

namespace amends::simulation {

using namespace engine;

namespace {

PlanPtr draw_version(const Options& options, Chance chance, const std::string& workflow,
                     std::uint32_t version) {
  std::vector<std::uint16_t> choices(200);
  for (auto& choice : choices) choice = static_cast<std::uint16_t>(chance.below(40'000));
  properties::Tape tape(std::move(choices));
  std::vector<Step> steps = properties::draw_plan(tape)->steps();
  const auto somebody = [&] {
    return "p" + std::to_string(chance.below(static_cast<std::uint64_t>(options.participants)));
  };
  for (Step& step : steps) {
    step.adapter = "http";
    step.endpoint = somebody();
    // Somebody else may well take back what one has done; but a barrier covers what it has seen itself.
    if (step.undo) step.undo->adapter = "http", step.undo->endpoint = step.endpoint;
    if (chance.one_in(8)) step.retry.delay_max = std::max(step.retry.delay_max, Millis(1'500));
  }
  return std::make_shared<const Plan>(workflow, version, "Input{id}", std::move(steps));
}

}  // namespace

std::vector<PlanPtr> draw_workflows(const Setting& setting) {
  std::vector<PlanPtr> out;
  for (std::int64_t i = 0; i < setting.options.workflows; ++i) {
    Chance chance = setting.chance("workflows").fork(static_cast<std::uint64_t>(i));
    const std::string name = "w" + std::to_string(i);
    const std::uint32_t versions = chance.one_in(2) ? 2 : 1;
    for (std::uint32_t version = 1; version <= versions; ++version)
      out.push_back(draw_version(setting.options, chance.fork(version), name, version));
  }
  return out;
}

// ---- what is loaded --------------------------------------------------------------------------------------

PlanPtr Loaded::find_plan(std::string_view workflow, std::optional<std::uint32_t> version) const {
  for (auto it = plans_.rbegin(); it != plans_.rend(); ++it)
    if ((*it)->workflow() == workflow && (!version || *version == (*it)->version())) return *it;
  return nullptr;
}

std::string Loaded::check_input(const Plan&, const Json& input) const {
  return input.contains("id") ? "" : "in the input, 'id' is missing";
}

std::string Loaded::check_result(const Plan&, StepIndex, const Json& result) const {
  return result.is_object() && result.contains("id") ? "" : "in the result, 'id' is missing";
}

bool Loaded::fits_result(const Plan&, StepIndex, std::string_view result) const {
  return result.starts_with(R"({"by":)") && result.find(R"("id":)") != result.npos;
}

// ---- authors ---------------------------------------------------------------------------------------------

Prepared Authors::prepare(const Plan& plan, StepIndex i, Direction direction, const Known& known) const {
  const Step& step = plan.step(i);
  const std::string path = "/" + plan.workflow() + "/" + step.name;
  if (step.kind == StepKind::read && direction == Direction::run)
    return Request{"http", step.endpoint, R"({"method":"GET","path":")" + path + "\"}"};
  std::size_t knows = 0;
  for (const std::string* result : known.results)
    if (result) knows += result->size();
  std::string body = R"({"body":{"call":)" + std::to_string(++calls_) + R"(,"knows":)" +
                     std::to_string(knows) + R"(},"method":")" +
                     (direction == Direction::run ? "POST" : "DELETE") + R"(","path":")" + path + "\"}";
  return Request{"http", direction == Direction::run ? step.endpoint : step.undo->endpoint, std::move(body)};
}

std::optional<Prepared> Authors::prepare_at_once(const Plan& plan, StepIndex i, Direction direction,
                                                 const Known& known) const {
  const bool needs_nobody = direction == Direction::run && plan.step(i).kind == StepKind::read &&
                            (plan.workflow().back() - '0') % 2 == 0;
  return needs_nobody ? std::optional(prepare(plan, i, direction, known)) : std::nullopt;
}

}  // namespace amends::simulation
