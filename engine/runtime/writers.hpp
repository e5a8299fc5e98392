// The engines of one process: one, or a few that share its store, each with a writer, a lease and shards of
// its own. To those who use them they are one: what is about a saga goes to the engine that owns its shard.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/engine.hpp"

namespace amends::engine {

// Any thread. Copies take turns together. The engines must outlive it; there is at least one.
class Writers {
 public:
  Writers(Engine& one) : Writers(std::vector<Engine*>{&one}) {}  // not explicit: one engine is the usual case
  explicit Writers(std::vector<Engine*> engines);

  // All of them, as Engine::open() says it of one.
  std::string open(const std::function<bool()>& give_up = {});
  // All drain at once. Safe twice.
  void stop(Millis limit);

  // To one that takes starts, in turns; a batch to one of them.
  void start(StartCall call, std::function<void(const StartReply&)> answer);
  void start(std::vector<PostedStart> batch);
  // A start that has its saga already.
  void start_posted(StartCall call, std::function<void(const StartReply&)> answer);
  void command(CommandCall call, std::function<void(const CommandReply&)> answer);
  void wait(SagaId saga, Elapsed until, std::function<void(WaitOutcome)> answer);

  // Takes starts as long as one of them does.
  Engine::Readiness readiness() const;
  // As Engine says it: of the first that knows a reason.
  std::string why_not_ready() const;
  bool stopping() const { return engines_.front()->stopping(); }
  bool fenced() const;
  // Of all together.
  Engine::Owned owned() const;
  Recovered found() const;
  std::size_t stuck_threads() const;
  // The same in each: they have the same plans and endpoints.
  const std::map<std::string, std::string>& refused_plans() const {
    return engines_.front()->refused_plans();
  }
  std::size_t size() const { return engines_.size(); }
  // The first one's, which is the process's.
  const std::string& engine_id() const { return engines_.front()->options().engine_id; }
  void on_wake(const std::function<void()>& wake);

 private:
  Engine& next() const;
  Engine& owner(const SagaId& saga) const;

  std::vector<Engine*> engines_;
  std::shared_ptr<std::atomic<std::uint32_t>> turn_;
};

}  // namespace amends::engine
