#include "tests/simulation/simulation.hpp"

#include "tests/simulation/judge/evidence.hpp"
#include "tests/simulation/world.hpp"

namespace amends::simulation {

Result simulate(const Options& options, const RunOptions& run) {
  World world(options, run.tracing, !run.evidence.empty(), run.judges);
  world.run();
  const Setting& setting = world.setting();
  Result result;
  result.broken = setting.verdict().value_or("");
  result.hash = setting.queue.hash();
  result.events = setting.queue.events();
  result.sagas = world.witness().stories().size();
  result.simulated = setting.queue.now();
  result.faults = setting.faults.counts();
  result.coverage = setting.coverage;
  result.rare_ways = world.hooks().taken();
  if (!run.evidence.empty()) write_evidence(world, run.evidence);
  return result;
}

}  // namespace amends::simulation
