// What an engine consists of while it runs.
#pragma once
#include "engine/ports/clock.hpp"
#include "tests/simulation/engines/engine_process.hpp"
#include "tests/simulation/engines/posted.hpp"

namespace amends::simulation {

class DrawnEntropy final : public engine::Entropy {
 public:
  explicit DrawnEntropy(const Chance& chance) : chance_(chance) {}
  std::uint64_t draw() override { return chance_.draw(); }

 private:
  Chance chance_;
};

class Notes final : public engine::Observer {
 public:
  Notes(Setting& setting, const std::string& who) : setting_(setting), who_(who) {}
  void note(engine::Severity, std::string_view sentence) override {
    if (setting_.queue.tracing()) setting_.queue.say("'" + who_ + "' says: " + std::string(sentence));
  }

 private:
  Setting& setting_;
  const std::string& who_;
};

struct EngineProcess::Running {
  Running(EngineProcess& process, Setting& setting, std::vector<engine::PlanPtr> plans, const Chance& chance)
      : whole(plans.size() == process.plans_.size()),
        store_clock(process.clock()),
        entropy(chance.fork("entropy")),
        observer(setting, process.name()),
        catalog(std::move(plans)),
        store(setting, process.server_, process.witness_, store_clock, chance.fork("store")),
        lease(process.clock()),
        adapter(setting, process.network_, process.witness_, process, chance.fork("adapter")),
        entrance(inbox, standing, 20'000),
        writer(process, store_clock, store, lease, inbox),
        authors(setting, process, process.authors_, engine::find_facts_in({&adapter}), inbox,
                chance.fork("authors")),
        posted(setting, process.clock(), catalog, entrance) {}

  const bool whole;
  WaitingClock store_clock;
  DrawnEntropy entropy;
  Notes observer;
  const Loaded catalog;
  SimStore store;
  engine::Lease lease;
  engine::Standing standing;
  engine::Inbox inbox;
  NetworkAdapter adapter;
  engine::Entrance entrance;
  WriterDesk writer;
  AuthorDesk authors;
  Posted posted;
  std::unique_ptr<engine::Loop> loop;
  std::unique_ptr<engine::Retiring> retiring;

  engine::InboxItems items;
  std::optional<engine::Micros> turn_at;  // the next turn, which has been asked for
  std::uint64_t turns = 0;                // asked for: all but the last do not count
  bool finishing = false;
  engine::Elapsed finish_until{};
};

}  // namespace amends::simulation
