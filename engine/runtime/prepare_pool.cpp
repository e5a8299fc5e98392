#include "engine/runtime/prepare_pool.hpp"

#include <algorithm>
#include <atomic>

#include "engine/runtime/thread_name.hpp"

namespace amends::engine {

struct PreparePool::Shared {
  Clock& clock;
  const Preparer& preparer;
  const FindFacts find;
  const PrepareSink sink;
  const Micros hog_after;
  const std::size_t threads;

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<PrepareJob> queue;
  std::size_t idle = 0;
  bool stopping = false;
};

// What one thread has before it.
struct PreparePool::Desk {
  std::mutex mutex;
  std::deque<PrepareJob> jobs;      // the front one is being done
  std::vector<PrepareResult> done;  // here and not in the thread, which may never come back with them
  Elapsed since{};
  bool lost = false;

  std::atomic<bool> occupied{false};
};

PreparePool::PreparePool(PrepareOptions options, Clock& clock, const Preparer& preparer, FindFacts find,
                         PrepareSink sink)
    : options_(options),
      shared_(new Shared{clock,
                         preparer,
                         std::move(find),
                         std::move(sink),
                         options.hog_after,
                         options.threads,
                         {},
                         {},
                         {},
                         0,
                         false}) {
  for (std::size_t i = 0; i < options_.threads; ++i) hire();
}

PreparePool::~PreparePool() {
  stop();
}

void PreparePool::hire() {
  auto desk = std::make_shared<Desk>();
  workers_.push_back({desk, std::thread(&PreparePool::work, shared_, desk)});
}

void PreparePool::submit(std::vector<PrepareJob> jobs) {
  if (jobs.empty()) return;
  if (lost_ >= options_.lost_max) {
    std::vector<PrepareResult> failed;
    for (const PrepareJob& job : jobs) failed.push_back(too_slow(job, options_.limit));
    return shared_->sink(std::move(failed));
  }
  bool wake_all;
  bool wake;
  {
    std::lock_guard lock(shared_->mutex);
    wake = shared_->idle > 0;
    wake_all = jobs.size() > 16;
    std::move(jobs.begin(), jobs.end(), std::back_inserter(shared_->queue));
  }
  if (wake) wake_all ? shared_->wake.notify_all() : shared_->wake.notify_one();
}

std::optional<PrepareResult> PreparePool::prepare_at_once(const PrepareJob& job) {
  return ask_nobody(shared_->preparer, job, shared_->find);
}

// ---- a worker --------------------------------------------------------------------------------------------

void PreparePool::work(std::shared_ptr<Shared> shared, std::shared_ptr<Desk> desk) {
  name_this_thread("amends-author");
  while (take_jobs(*shared, *desk)) {
    Elapsed began = desk->since;
    for (bool last = false; !last;) {
      // Only this thread and tend() touch the desk, and tend() leaves the front job where it is.
      const PrepareJob* job;
      {
        std::lock_guard lock(desk->mutex);
        job = &desk->jobs.front();
      }
      Prepared prepared = ask_author(shared->preparer, *job);
      std::vector<PrepareResult> done;
      {
        std::lock_guard lock(desk->mutex);
        // Somebody else has answered for this job, and taken the place. The engine itself may be gone:
        // nothing of it may be looked at from here on.
        if (desk->lost) return;
        const Elapsed now = shared->clock.elapsed();
        desk->done.push_back(result_of(*job, std::move(prepared), shared->find));
        desk->jobs.pop_front();
        desk->since = now;
        last = desk->jobs.empty();
        if (!last && now - began < shared->hog_after) continue;
        done.swap(desk->done);
        began = now;
      }
      if (last) desk->occupied = false;
      shared->sink(std::move(done));
    }
  }
}

// Waits for a share of the queue and puts it on the desk; false when the pool stops.
bool PreparePool::take_jobs(Shared& shared, Desk& desk) {
  std::unique_lock lock(shared.mutex);
  ++shared.idle;
  shared.wake.wait(lock, [&] { return shared.stopping || !shared.queue.empty(); });
  --shared.idle;
  if (shared.stopping) return false;
  // Not ever smaller shares towards the end: each hand-over wakes the loop.
  const std::size_t share =
      std::min(shared.queue.size(), std::clamp<std::size_t>(shared.queue.size() / shared.threads, 16, 64));
  std::lock_guard desk_lock(desk.mutex);
  desk.since = shared.clock.elapsed();
  for (std::size_t i = 0; i < share; ++i) {
    desk.jobs.push_back(std::move(shared.queue.front()));
    shared.queue.pop_front();
  }
  desk.occupied = true;
  return true;
}

// ---- looking after them ----------------------------------------------------------------------------------

bool PreparePool::busy() const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [](const Worker& w) { return w.desk->occupied.load(); });
}

void PreparePool::tend() {
  std::vector<PrepareResult> done;
  std::size_t vacancies = 0;
  for (Worker& worker : workers_) {
    if (!worker.desk->occupied) continue;
    std::deque<PrepareJob> behind;
    bool lost = false;
    {
      std::lock_guard lock(worker.desk->mutex);
      Desk& desk = *worker.desk;
      if (desk.jobs.empty()) continue;
      const Micros took = shared_->clock.elapsed() - desk.since;
      if (took > options_.hog_after) {
        std::ranges::move(std::exchange(desk.done, {}), std::back_inserter(done));
        while (desk.jobs.size() > 1) {
          behind.push_front(std::move(desk.jobs.back()));
          desk.jobs.pop_back();
        }
      }
      if (took > options_.limit) {
        lost = desk.lost = true;
        done.push_back(too_slow(desk.jobs.front(), options_.limit));
      }
    }
    if (!behind.empty()) {
      std::lock_guard lock(shared_->mutex);
      while (!behind.empty()) {
        shared_->queue.push_front(std::move(behind.back()));
        behind.pop_back();
      }
      shared_->wake.notify_all();
    }
    if (!lost) continue;
    worker.thread.detach();
    ++vacancies;
  }
  std::erase_if(workers_, [](const Worker& w) { return !w.thread.joinable(); });
  lost_ += vacancies;
  for (; vacancies > 0 && lost_ < options_.lost_max + options_.threads; --vacancies) hire();
  if (workers_.empty()) {
    std::lock_guard lock(shared_->mutex);
    for (const PrepareJob& job : std::exchange(shared_->queue, {}))
      done.push_back(too_slow(job, options_.limit));
  }
  if (!done.empty()) shared_->sink(std::move(done));
}

void PreparePool::stop() {
  {
    std::lock_guard lock(shared_->mutex);
    shared_->stopping = true;
  }
  shared_->wake.notify_all();
  // A function that never returns must not keep the engine from stopping: it gets what is left of its limit.
  while (busy() && !workers_.empty()) {
    tend();
    std::this_thread::sleep_for(Millis(1));
  }
  for (Worker& worker : workers_) worker.thread.join();
  workers_.clear();
}

}  // namespace amends::engine
