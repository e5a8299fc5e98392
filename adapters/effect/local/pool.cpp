#include "adapters/effect/local/pool.hpp"

#include "adapters/effect/local/pool_shared.hpp"

namespace amends::effect_local {

Pool::Pool(LocalOptions options, engine::Clock& clock, const engine::LocalFunctions& functions)
    : shared_(std::make_shared<Shared>(options, clock, functions)) {
  const std::lock_guard lock(shared_->mutex);
  for (std::size_t i = 0; i < options.threads; ++i) shared_->hire_locked(shared_);
  shared_->watcher = std::thread(&Shared::watch, shared_);
}

Pool::~Pool() {
  stop(engine::Millis(0));
}

void Pool::submit(std::vector<engine::Attempt> attempts, engine::ReplySink& sink) {
  std::vector<engine::Answered> refused;
  std::size_t wake = 0;
  bool wake_watcher = false;
  {
    const std::lock_guard lock(shared_->mutex);
    Shared& s = *shared_;
    const bool full = s.stuck > s.options.stuck_max;
    if (s.stopping || full) {
      for (const engine::Attempt& attempt : attempts)
        refused.push_back(answer(attempt, s.stopping ? Refusal::stopping : Refusal::threads_stuck));
    } else {
      s.in_flight.fetch_add(attempts.size());
      // Most functions are quick: as many threads as there are cores get through a batch soonest, and one
      // alone through what is done before a second one is awake. Where they block, the watcher wakes the
      // others.
      wake = std::min({s.idle, attempts.size(), s.cores, s.worth_waking_locked(attempts.size())});
      for (engine::Attempt& attempt : attempts) s.queue.push_back({std::move(attempt), &sink});
      wake_watcher = std::exchange(s.watcher_asleep, false);
    }
  }
  for (; wake > 0; --wake) shared_->work_there.notify_one();
  if (wake_watcher) shared_->watch_again.notify_one();
  if (!refused.empty()) sink.deliver(std::move(refused));
}

void Pool::stop(engine::Millis limit) {
  Deliveries out;
  std::vector<Worker> workers;
  {
    std::unique_lock lock(shared_->mutex);
    Shared& s = *shared_;
    if (s.stopped) return;
    s.stopping = true;
    for (Job& job : s.queue) out.push_back({answer(job.attempt, Refusal::stopping), job.sink});
    s.queue.clear();
    s.work_there.notify_all();
    lock.unlock();
    s.deliver(std::exchange(out, {}));
    lock.lock();
    s.all_idle.wait_for(lock, limit, [&] { return s.at_work_locked() == 0; });
    s.stopped = true;
    for (Worker& worker : s.workers)
      if (worker.desk->job) s.give_up_locked(worker, Refusal::stopped, out);
    std::erase_if(s.workers, [](const Worker& w) { return !w.thread.joinable(); });
    workers.swap(s.workers);
    s.watch_again.notify_one();
  }
  shared_->deliver(std::move(out));
  for (Worker& worker : workers) worker.thread.join();
  shared_->watcher.join();
}

std::size_t Pool::in_flight() const {
  return shared_->in_flight;
}

std::size_t Pool::stuck() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->stuck;
}

}  // namespace amends::effect_local
