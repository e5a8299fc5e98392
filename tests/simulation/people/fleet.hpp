// All engines of a run, for those who pick one.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/engines/engine_process.hpp"

namespace amends::simulation {

class Fleet {
 public:
  explicit Fleet(std::vector<std::unique_ptr<EngineProcess>> engines) : engines_(std::move(engines)) {}

  std::vector<std::unique_ptr<EngineProcess>>& all() { return engines_; }

  // One that runs, be it as it stands still; nothing while none does.
  EngineProcess* any(Chance& chance) {
    std::vector<EngineProcess*> up;
    for (const auto& engine : engines_)
      if (engine->is_up()) up.push_back(engine.get());
    const std::uint64_t which = chance.draw();
    return up.empty() ? nullptr : up[which % up.size()];
  }
  // Who says that this shard is its own; else any.
  EngineProcess* owner(engine::ShardId shard, Chance& chance) {
    for (const auto& engine : engines_)
      if (engine->is_up() && engine->owns(shard)) return engine.get();
    return any(chance);
  }

 private:
  std::vector<std::unique_ptr<EngineProcess>> engines_;
};

}  // namespace amends::simulation
