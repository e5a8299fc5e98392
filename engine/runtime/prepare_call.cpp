#include "engine/runtime/prepare_call.hpp"

#include <memory>
#include <utility>

namespace amends::engine {
namespace {

Known known_to(const PrepareJob& job) {
  Known known;
  known.input = &job.input;
  known.results.resize(job.plan->size(), nullptr);
  for (const auto& [step, result] : job.results) known.results[step] = &result;
  if (job.own_result) known.own_result = &*job.own_result;
  return known;
}

}  // namespace

FindFacts find_facts_in(std::vector<EffectAdapter*> adapters) {
  return [adapters = std::move(adapters)](std::string_view adapter,
                                          std::string_view endpoint) -> const EndpointFacts* {
    for (const EffectAdapter* one : adapters)
      if (one->name() == adapter) return one->find_endpoint(endpoint);
    return nullptr;
  };
}

Prepared ask_author(const Preparer& preparer, const PrepareJob& job) {
  return preparer.prepare(*job.plan, job.leg.step, job.leg.direction, known_to(job));
}

std::optional<PrepareResult> ask_nobody(const Preparer& preparer, const PrepareJob& job,
                                        const FindFacts& find) {
  auto prepared = preparer.prepare_at_once(*job.plan, job.leg.step, job.leg.direction, known_to(job));
  if (!prepared) return std::nullopt;
  return result_of(job, std::move(*prepared), find);
}

PrepareResult result_of(const PrepareJob& job, Prepared prepared, const FindFacts& find) {
  PrepareResult out{job.saga, {job.leg.step, job.leg.direction, nullptr, {}, {}}, job.life};
  if (auto* error = std::get_if<PrepareError>(&prepared)) {
    out.event.error = std::move(error->sentence);
    return out;
  }
  auto request = std::make_shared<const Request>(std::move(std::get<Request>(prepared)));
  if (const EndpointFacts* facts = find(request->adapter, request->endpoint)) {
    out.event.facts = *facts;
    out.event.request = std::move(request);
  } else {
    out.event.error = "'" + job.plan->step(job.leg.step).name + "' asks the " + request->adapter +
                      " endpoint '" + request->endpoint + "', which is not configured";
  }
  return out;
}

PrepareResult too_slow(const PrepareJob& job, Millis limit) {
  const Step& step = job.plan->step(job.leg.step);
  const std::string& name = job.leg.direction == Direction::run ? step.name : step.undo->name;
  PrepareResult out{job.saga, {job.leg.step, job.leg.direction, nullptr, {}, {}}, job.life};
  out.event.error = job.plan->id() + ": the function of '" + name + "' took longer than " +
                    std::to_string(limit.count()) + " ms";
  return out;
}

}  // namespace amends::engine
