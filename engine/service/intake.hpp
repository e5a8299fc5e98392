// Takes in what came through the store for this engine: starts from SQL, and commands that were given to
// another engine. Each is decided once; the flush that carries the decision says so in the store.
#pragma once
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/ports/catalog.hpp"
#include "engine/ports/clock.hpp"
#include "engine/ports/observer.hpp"
#include "engine/ports/shared_store.hpp"
#include "engine/runtime/writers.hpp"
#include "engine/service/answer.hpp"

namespace amends::engine {

// What a row asks for, checked as a request over REST is. Pure; any thread.
Answer<StartCall> read_posted_start(const CommandRow& row, const PlanCatalog& catalog);
Answer<CommandCall> read_posted_command(const CommandRow& row);

// A thread of its own, from construction until stop(). Looks when the store hints, and now and then.
class Intake {
 public:
  // After Writers::open(). What it refers to must outlive it. Any of their stores will do.
  Intake(Writers writers, const PlanCatalog& catalog, SharedStore& store, Clock& clock, Observer& observer,
         Millis look_every = Millis(50));
  ~Intake();
  // Before Writers::stop(). Safe twice.
  void stop();

 private:
  void run();
  bool look();  // true when there may be more
  void take_in(const CommandRow& row, Elapsed read_at);
  void refuse(const CommandRow& row, Elapsed read_at, std::string sentence);
  void say_once(const CommandRow& row, const std::string& sentence);
  // What the engine calls when it has answered. Outlives the intake.
  struct Finished {
    std::mutex mutex;
    std::vector<SagaId> commands;
  };

  Writers writers_;
  const PlanCatalog& catalog_;
  SharedStore& store_;
  Clock& clock_;
  Observer& observer_;
  const Millis look_every_;
  const std::shared_ptr<Finished> finished_ = std::make_shared<Finished>();

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false, hinted_ = false;

  // The thread's own.
  std::set<SagaId> in_hand_;
  std::set<std::string> said_;
  std::optional<SagaId> after_;
  std::thread thread_;
};

}  // namespace amends::engine
