#include "tests/simulation/people/nemesis.hpp"

namespace amends::simulation {

using engine::Micros;
using engine::Millis;

namespace {

constexpr Millis tick_time{50};
constexpr std::int64_t ticks_per_second = 20;

}  // namespace

void Nemesis::begin() {
  const auto wrong = [this] { return Micros(chance_.between(-5'000'000, 5'000'000)); };
  for (const auto& engine : fleet_.all()) {
    const Micros by = wrong();
    if (setting_.faults.strike(Fault::clock_skew, chance_, engine->name())) engine->clock().set_wrong(by);
    engine->start(setting_.faults.strike(Fault::plan_missing, chance_, engine->name()));
  }
  for (const auto& participant : network_.participants()) {
    const Micros by = wrong();
    if (setting_.faults.strike(Fault::clock_skew, chance_, participant->name()))
      participant->set_clock_wrong(by / 10);
  }
  tick();
}

void Nemesis::tick() {
  setting_.queue.after(tick_time, "trouble", [this] {
    if (!setting_.faults.healed()) trouble();
    supervise();
    tick();
  });
}

// The rates of what comes with time are by the second.
bool Nemesis::now(Fault fault) {
  return chance_.happens(setting_.faults.rate(fault) / ticks_per_second);
}

EngineProcess* Nemesis::somebody() {
  return fleet_.any(chance_);
}

void Nemesis::trouble() {
  Faults& faults = setting_.faults;
  const Millis lease(setting_.options.lease_ms);
  EngineProcess* const engine = somebody();
  // Drawn in every tick, whether it happens or not.
  const Micros a_while = chance_.delay(Millis(250)), about_a_lease = chance_.delay(lease);
  const Micros jump(chance_.between(-20'000'000, 20'000'000));
  const auto& participants = network_.participants();
  Participant& participant = *participants[chance_.below(participants.size())];
  if (now(Fault::store_down)) server_.go_down(a_while);
  if (now(Fault::disk_full)) server_.fill_disk(a_while);
  if (now(Fault::participant_down)) participant.go_down(a_while);
  if (now(Fault::twin) && setting_.options.shards > 1 && !twin_.is_up()) {
    faults.struck(Fault::twin, twin_.name());
    twin_.start(false);
  }
  if (now(Fault::crash) && engine) {
    faults.struck(Fault::crash, engine->name());
    engine->crash();
    return;
  }
  if (now(Fault::hand_over) && engine) {
    faults.struck(Fault::hand_over, engine->name());
    engine->hand_over();
  }
  if (now(Fault::clock_jump) && engine) {
    faults.struck(Fault::clock_jump, engine->name());
    engine->clock().set_wrong(jump);
  }
  if (!now(Fault::stop) || !engine || engine->is_stopped()) return;
  faults.struck(Fault::stop, engine->name());
  engine->stand_still();
  setting_.queue.after(about_a_lease, "an engine goes on", [engine] {
    if (engine->is_stopped()) engine->go_on();
  });
}

// Whatever has ended comes again.
void Nemesis::supervise() {
  for (const auto& engine : fleet_.all()) {
    if (engine->is_up() || coming_.contains(engine.get())) continue;
    coming_.insert(engine.get());
    const Micros in = chance_.delay(Millis(300));
    setting_.queue.after(in, "an engine starts", [this, one = engine.get()] {
      coming_.erase(one);
      one->start(setting_.faults.strike(Fault::plan_missing, chance_, one->name()));
    });
  }
  // A twin that got hold of the store goes when its time is up.
  if (twin_.is_up() && chance_.one_in(10)) twin_.crash();
}

void Nemesis::heal() {
  setting_.faults.heal();
  twin_.crash();
  for (const auto& participant : network_.participants()) participant->set_clock_wrong(Micros(0));
  for (const auto& engine : fleet_.all()) {
    engine->clock().set_wrong(Micros(0));
    if (engine->is_stopped()) engine->go_on();
    if (engine->is_up() && !engine->is_whole()) engine->hand_over();
  }
}

}  // namespace amends::simulation
