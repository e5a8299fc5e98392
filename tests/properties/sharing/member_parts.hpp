// What a member's loop and writer are put together with: each keeps what comes until the schedule says go on,
// and tells what must hold then.
#pragma once
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "adapters/store/memory/memory_store.hpp"
#include "engine/ports/catalog.hpp"
#include "engine/runtime/prepare_queue.hpp"
#include "engine/runtime/writer_jobs.hpp"

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

struct SeenClock : engine::Clock {
  explicit SeenClock(const Surroundings& surroundings) : around(surroundings) {}
  engine::WallTime wall() const override { return around.now.wall; }
  engine::Elapsed elapsed() const override { return around.now.elapsed; }
  const Surroundings& around;
};

struct CountedEntropy : engine::Entropy {
  std::uint64_t next = 1;
  std::uint64_t draw() override { return next += 0x9e3779b97f4a7c15; }
};

struct WaryObserver : engine::Observer {
  void note(engine::Severity, std::string_view sentence) override {
    if (sentence.find("without asking") != sentence.npos)
      throw Broken("the store gave shards away without asking their owner");
  }
  void parked(const engine::ParkedSaga&) override {}
};

struct OnePlan : engine::PlanCatalog {
  explicit OnePlan(engine::PlanPtr one) : plan(std::move(one)) {}
  engine::PlanPtr find_plan(std::string_view, std::optional<std::uint32_t>) const override { return plan; }
  std::vector<engine::PlanPtr> plans() const override { return {plan}; }
  std::string check_input(const engine::Plan&, const engine::Json&) const override { return {}; }
  engine::PlanPtr plan;
};

struct WatchedStore : memory::MemoryStore {
  WatchedStore(std::string member, Surroundings& surroundings, engine::Millis lease)
      : MemoryStore(surroundings.tables, lease), name(std::move(member)), around(surroundings) {}
  engine::CommitResult commit(const engine::Batch& batch) override {
    engine::CommitResult result = MemoryStore::commit(batch);
    if (result.status == engine::CommitStatus::committed) around.written(name, batch);
    if (result.status == engine::CommitStatus::refused && result.error_class == "data")
      throw Broken("a flush contradicts the store: " + result.error);
    return result;
  }
  const std::string name;
  Surroundings& around;
};

struct JobList : engine::WriterQueue {
  void post(engine::WriterJob job) override { jobs.push_back(std::move(job)); }
  std::deque<engine::WriterJob> jobs;
};

// Jobs stay with the author until the schedule says that a function has returned.
struct SlowAuthors : engine::PrepareQueue {
  void submit(std::vector<engine::PrepareJob> jobs) override {
    for (engine::PrepareJob& job : jobs) asked.push_back(std::move(job));
  }
  void tend() override {}
  bool busy() const override { return false; }
  std::vector<engine::PrepareJob> asked;
};

// Attempts are under way until the schedule says what came back.
struct SlowNetwork : engine::EffectAdapter {
  SlowNetwork(std::string member, Surroundings& surroundings)
      : own(std::move(member)), around(surroundings) {}
  std::string_view name() const override { return "http"; }
  const engine::EndpointFacts* find_endpoint(std::string_view) const override { return nullptr; }
  void submit(std::vector<engine::Attempt> attempts, engine::ReplySink& to) override {
    sink = &to;
    for (engine::Attempt& attempt : attempts) {
      around.sent(own, attempt);
      asked.push_back(std::move(attempt));
    }
  }
  void stop(engine::Millis) override {}
  std::size_t in_flight() const override { return asked.size(); }
  const std::string own;
  Surroundings& around;
  engine::ReplySink* sink = nullptr;
  std::vector<engine::Attempt> asked;
};

}  // namespace amends::properties
