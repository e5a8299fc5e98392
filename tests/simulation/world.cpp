#include "tests/simulation/world.hpp"

namespace amends::simulation {

using engine::Micros;
using engine::Millis;

namespace {

// No run is that long: something goes round in a circle.
constexpr std::uint64_t events_max = 20'000'000;

}  // namespace

World::World(const Options& options, bool tracing, bool keeps_evidence, bool judges)
    : setting_(options, tracing, keeps_evidence, judges),
      hooks_(setting_),
      witness_(setting_),
      server_(setting_, witness_),
      books_(keeps_evidence),
      network_(setting_, books_),
      history_(keeps_evidence),
      plans_(draw_workflows(setting_)),
      fleet_(make_engines()),
      twin_(setting_, server_, witness_, network_, "e0", plans_),
      senders_(setting_, witness_, fleet_, server_, history_),
      clients_(setting_, witness_, fleet_, server_, senders_, history_),
      operators_(setting_, witness_, network_, books_, senders_),
      nemesis_(setting_, fleet_, server_, network_, twin_) {
  for (const engine::PlanPtr& plan : plans_) witness_.knows(plan);
}

std::vector<std::unique_ptr<EngineProcess>> World::make_engines() {
  std::vector<std::unique_ptr<EngineProcess>> out;
  for (std::int64_t i = 0; i < setting_.options.engines; ++i)
    out.push_back(std::make_unique<EngineProcess>(setting_, server_, witness_, network_,
                                                  "e" + std::to_string(i), plans_));
  return out;
}

void World::run() {
  began_at_ = healed_at_ = setting_.queue.wall();
  nemesis_.begin();
  clients_.begin();
  operators_.begin();
  setting_.queue.after(Millis(setting_.options.trouble_ms), "all is well again", [this] { heal(); });
  while (!done_ && !setting_.is_over() && setting_.queue.run_next())
    if (setting_.queue.events() > events_max) end("it goes on and on");
  if (!setting_.is_over()) audit(setting_, witness_, server_, network_, books_);
}

void World::heal() {
  if (setting_.queue.tracing()) setting_.queue.say("---- all is well again ----");
  healed_at_ = setting_.queue.wall();
  nemesis_.heal();
  look_whether_over();
}

// Waits that had begun, leases that must run out, and clocks that were wrong come before everything is over.
Micros World::converge_max() const {
  return Millis(90'000) + 4 * Millis(setting_.options.lease_ms);
}

bool World::is_over() {
  return clients_.are_done() && what_is_left(witness_, server_, setting_.options).empty();
}

void World::end(std::string broken) {
  setting_.broken(std::move(broken));
  done_ = true;
}

void World::look_whether_over() {
  if (is_over()) {
    over_ = true;
    // What is still in the network arrives, and must change nothing any more.
    setting_.queue.after(Millis(4'000), "the end", [this] { done_ = true; });
    return;
  }
  if (setting_.queue.wall() > healed_at_ + converge_max())
    return end("not everything comes to its end, though all is well" +
               what_is_left(witness_, server_, setting_.options));
  setting_.queue.after(Millis(100), "is it over", [this] { look_whether_over(); });
}

}  // namespace amends::simulation
