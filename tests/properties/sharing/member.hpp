// One engine of several, without its threads: a shard, a store, the jobs between them. It does what the
// engine's loop and its writer thread do, one step at a time, whenever it is told to.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "adapters/store/memory/memory_store.hpp"
#include "engine/runtime/shard.hpp"
#include "tests/properties/tape.hpp"

namespace amends::properties {

// What a broken promise throws: one sentence.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What all members see, and what they tell.
struct Surroundings {
  virtual ~Surroundings() = default;
  virtual void sent(const std::string& member, const engine::Attempt& attempt) = 0;
  virtual void started(const engine::StartReply& reply) = 0;
  virtual void answered(const engine::CommandReply& reply) = 0;
  // The rows are in the tables.
  virtual void written(const std::string& member, const engine::Batch& batch) = 0;

  engine::Now now{engine::from_micros(1'700'000'000'000'000), engine::Elapsed(1'000'000)};
  std::shared_ptr<memory::Tables> tables;
  engine::PlanPtr plan;
  engine::Millis cold_after{60'000};
};

struct TapeEntropy : engine::Entropy {
  std::uint64_t next = 1;
  std::uint64_t draw() override { return next += 0x9e3779b97f4a7c15; }
};

struct SilentObserver : engine::Observer {
  void note(engine::Severity, std::string_view) override {}
  void parked(const engine::ParkedSaga&) override {}
};

class Member {
 public:
  Member(std::string name, Surroundings& around);

  // ---- what becomes of the process
  void join();   // a new process under the same id
  void crash();  // what is queued for the store is lost, and so is everything that is in memory
  void stop();   // SIGTERM
  bool is_up() const { return shard_ != nullptr; }

  // ---- steps
  void work();  // the writer does its next job
  void turn();  // the loop
  void prepare(std::uint32_t at);
  void answer(std::uint32_t at, engine::Reply reply);
  void look_for_commands();
  void take_commands();

  // ---- from callers
  void start(engine::Token token, std::string key);
  void command(engine::Token token, const engine::SagaId& saga, engine::CommandEvent what);

  std::size_t jobs() const { return jobs_.size(); }
  const std::vector<engine::PrepareJob>& prepares() const { return prepares_; }
  const std::vector<engine::Attempt>& asked() const { return asked_; }
  const engine::Shard& shard() const { return *shard_; }
  const std::string& name() const { return name_; }

 private:
  struct Commit {
    const engine::Batch* batch;
  };
  struct Tend {};
  struct Load {
    engine::ShardId shard;
    engine::WallTime until;
  };
  struct GiveUp {
    std::vector<engine::ShardId> shards;
  };
  struct TakeOver {
    std::vector<engine::SagaId> doubtful;
    bool in_doubt;
  };
  struct Leave {};
  struct Reload {
    std::vector<engine::SagaId> sagas;
  };
  struct Look {
    engine::Shard::Look look;
  };
  using Job = std::variant<Commit, Tend, Load, GiveUp, TakeOver, Leave, Reload, Look>;

  struct Shared {
    engine::Share share;
    engine::Elapsed before;
  };
  struct Unheld {};  // a verb found us declared dead
  struct Loaded {
    engine::ShardId shard;
    std::vector<engine::SavedSaga> sagas;
  };
  struct GivenUp {
    std::vector<engine::ShardId> shards;
  };
  struct TakenOver {
    engine::Writer writer;
    std::vector<engine::SagaId> present;
    bool in_doubt;
  };
  struct Left {};
  struct Reloaded {
    std::vector<engine::SavedSaga> sagas;  // without a journal: not found
  };
  struct Looked {
    std::vector<engine::SavedSaga> sagas;
  };
  using Report =
      std::variant<engine::CommitResult, Shared, Unheld, Loaded, GivenUp, TakenOver, Left, Reloaded, Looked>;

  void obey(const Commit& job);
  void obey(const Tend&);
  void obey(const Load& job);
  void obey(const GiveUp& job);
  void obey(const TakeOver& job);
  void obey(const Leave&);
  void obey(const Reload& job);
  void obey(const Look& job);

  void take(engine::CommitResult& result);
  void take(Shared& report);
  void take(Unheld&);
  void take(Loaded& report);
  void take(GivenUp& report);
  void take(TakenOver& report);
  void take(Left&);
  void take(Reloaded& report);
  void take(Looked& report);

  void dispatch();
  void put_down(engine::Token token);
  void give_away();
  void forget_shards();
  bool may_send(const engine::Attempt& attempt) const;

  const std::string name_;
  Surroundings& around_;
  TapeEntropy entropy_;
  SilentObserver observer_;
  std::unique_ptr<memory::MemoryStore> store_;
  std::unique_ptr<engine::Shard> shard_;

  std::deque<Job> jobs_;
  std::deque<Report> reports_;
  bool broken_ = false;  // the writer's: until the next take-over it does nothing

  std::vector<engine::PrepareJob> prepares_;  // at the authors' functions
  std::vector<engine::Attempt> asked_;        // under way
  std::vector<engine::Attempt> held_;         // until the lease is renewed
  std::vector<std::pair<engine::CommandRow, engine::Elapsed>> seen_;
  std::set<engine::SagaId> in_hand_;
  std::map<engine::Token, engine::SagaId> posted_;  // what came through the store, by our mark on it
  std::set<engine::ShardId> giving_up_, covered_;
  std::uint64_t epoch_ = 0;
  engine::Elapsed lease_until_{}, tend_at_{};
  engine::Millis term_{400};
  bool tending_ = false, stopping_ = false, leaving_ = false, leave_asked_ = false;
};

}  // namespace amends::properties
