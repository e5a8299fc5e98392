// Runs authors' functions off the loop, each within a time limit.
#pragma once
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/ports/clock.hpp"
#include "engine/ports/preparer.hpp"
#include "engine/runtime/prepare_call.hpp"
#include "engine/runtime/prepare_queue.hpp"

namespace amends::engine {

struct PrepareOptions {
  std::size_t threads = 2;
  Millis limit{5'000};        // for one call of an author's function
  Millis hog_after{2};        // then the jobs behind it go to another thread
  std::size_t lost_max = 64;  // threads stuck in author code; beyond it jobs fail at once
};

// A function beyond its limit keeps its thread, which cannot be stopped;
// its result is dropped when it comes, and a new thread takes the place. The preparer must therefore outlive
// such a thread: in practice, the process. Nothing else needs to.
class PreparePool final : public PrepareQueue {
 public:
  PreparePool(PrepareOptions options, Clock& clock, const Preparer& preparer, FindFacts find,
              PrepareSink sink);
  ~PreparePool() override;

  void submit(std::vector<PrepareJob> jobs) override;
  std::optional<PrepareResult> prepare_at_once(const PrepareJob& job) override;
  void tend() override;
  bool busy() const override;
  // Joins the threads, but for those that are stuck.
  void stop();

  std::size_t lost() const { return lost_; }

 private:
  struct Shared;
  struct Desk;
  static void work(std::shared_ptr<Shared> shared, std::shared_ptr<Desk> desk);
  static bool take_jobs(Shared& shared, Desk& desk);
  void hire();

  const PrepareOptions options_;
  std::shared_ptr<Shared> shared_;
  struct Worker {
    std::shared_ptr<Desk> desk;
    std::thread thread;
  };
  std::vector<Worker> workers_;
  std::size_t lost_ = 0;
};

}  // namespace amends::engine
