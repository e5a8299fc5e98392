// What the pool's threads share. Only pool.cpp and pool_shared.cpp look in here.
#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/effect/local/answer.hpp"
#include "adapters/effect/local/pool.hpp"

namespace amends::effect_local {

struct Job {
  engine::Attempt attempt;
  engine::ReplySink* sink = nullptr;
};

struct Delivery {
  engine::Answered answered;
  engine::ReplySink* sink = nullptr;
};
using Deliveries = std::vector<Delivery>;

// What one thread has before it.
struct Desk {
  std::optional<Job> job;    // the function that is being called
  engine::Elapsed since{};   // when that began, or the last one ended
  Deliveries done;           // here and not in the thread, which may not come back with them
  engine::Elapsed oldest{};  // when the first of them was done
  bool lost = false;         // given up: somebody else has answered, and has the place
};

struct Worker {
  std::shared_ptr<Desk> desk;
  std::thread thread;
};

struct Pool::Shared {
  Shared(LocalOptions with, engine::Clock& time, const engine::LocalFunctions& calls)
      : options(with),
        clock(time),
        functions(calls),
        cores(std::max<std::size_t>(1, std::thread::hardware_concurrency())) {}

  void hire_locked(const std::shared_ptr<Shared>& self);
  static void work(std::shared_ptr<Shared> self, std::shared_ptr<Desk> desk);
  static void watch(std::shared_ptr<Shared> self);
  // Puts the next job on the desk, or answers it where it must not begin; false when there is none.
  bool take_job_locked(Desk& desk);
  void keep_locked(Desk& desk, engine::Answered answered, engine::ReplySink* sink);
  bool should_answer_locked(const Desk& desk) const;
  // Answers for a worker whose function does not come back, and lets it go.
  void give_up_locked(Worker& worker, Refusal refusal, Deliveries& out);
  void fill_places_locked(const std::shared_ptr<Shared>& self);
  void look_after_locked(Deliveries& out);
  std::size_t at_work_locked() const;
  // How many threads so many calls are worth, as long as they took lately.
  std::size_t worth_waking_locked(std::size_t calls) const;
  void deliver(Deliveries deliveries);

  const LocalOptions options;
  engine::Clock& clock;
  const engine::LocalFunctions& functions;
  const std::size_t cores;
  std::atomic<std::size_t> in_flight{0};

  std::mutex mutex;  // guards everything below, and the desks
  std::condition_variable work_there, watch_again, all_idle;
  std::deque<Job> queue;
  std::vector<Worker> workers;
  std::size_t idle = 0, stuck = 0;
  double took_micros = 1e6;  // by a function, on average over the latest
  std::set<std::pair<engine::SagaId, engine::StepIndex>> at_large;  // whose function was given up
  bool stopping = false, stopped = false, watcher_asleep = false;
  std::thread watcher;
};

}  // namespace amends::effect_local
