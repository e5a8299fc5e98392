// One engine of several, without its threads: the engine's own loop and writer, one step at a time, whenever
// the schedule says so.
#pragma once
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/entrance.hpp"
#include "engine/runtime/loop.hpp"
#include "engine/runtime/store_writer.hpp"
#include "tests/properties/sharing/member_parts.hpp"
#include "tests/properties/tape.hpp"

namespace amends::properties {

class Member {
 public:
  Member(std::string name, Surroundings& around);

  // ---- what becomes of the process
  void join();   // a new process under the same id; it does not come up over a store that is down
  void crash();  // what is queued for the store is lost, and so is everything that is in memory
  void stop();   // SIGTERM
  bool is_up() const { return process_ != nullptr; }

  // ---- steps
  bool may_work() const;  // the writer has something to do, and does not wait before it
  void work();            // the writer does the next step of it
  void turn();            // the loop; the last one ends the process
  void prepare(std::uint32_t at);
  void answer(std::uint32_t at, engine::Reply reply);
  void look_for_commands();
  void take_commands();

  // ---- from callers, who put their token on the answer
  void start(engine::Token token, std::string key);
  void command(engine::Token token, const engine::SagaId& saga, engine::CommandEvent what);

  std::size_t preparing() const { return process_->authors.asked.size(); }
  std::size_t under_way() const { return process_->network.asked.size(); }
  const std::string& name() const { return name_; }

 private:
  // All that a crash takes away.
  struct Process {
    Process(const std::string& name, Surroundings& around, engine::Entropy& entropy);

    SeenClock clock;
    WatchedStore store;
    OnePlan catalog;
    WaryObserver observer;
    engine::Lease lease{clock};
    engine::Inbox inbox;
    engine::Standing standing;
    engine::Entrance entrance{inbox, standing, 1'000};
    JobList jobs;
    SlowAuthors authors;
    SlowNetwork network;
    engine::StoreWriter writer;
    engine::Elapsed writer_waits_until{};
    engine::Loop loop;

    std::vector<std::pair<engine::CommandRow, engine::Elapsed>> seen;  // and when they were looked for
    std::set<engine::SagaId> in_hand;                                  // commands that came through the store
  };
  void take_posted(const engine::CommandRow& row, engine::Elapsed read_at);

  const std::string name_;
  Surroundings& around_;
  CountedEntropy entropy_;
  std::unique_ptr<Process> process_;
};

}  // namespace amends::properties
