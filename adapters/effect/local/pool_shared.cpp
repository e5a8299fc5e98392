#include "adapters/effect/local/pool_shared.hpp"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <system_error>

namespace amends::effect_local {
namespace {

constexpr std::size_t batch_max = 64;
constexpr engine::Millis batch_age_max{1};

}  // namespace

void Pool::Shared::hire_locked(const std::shared_ptr<Shared>& self) {
  auto desk = std::make_shared<Desk>();
  workers.push_back({desk, std::thread(&Shared::work, self, desk)});
}

// ---- a worker --------------------------------------------------------------------------------------------

void Pool::Shared::work(std::shared_ptr<Shared> self, std::shared_ptr<Desk> desk) {
  pthread_setname_np(pthread_self(), "amends-local");
  Shared& s = *self;
  std::unique_lock lock(s.mutex);
  while (true) {
    if (s.should_answer_locked(*desk)) {
      // Without a job before it, so that stop() waits for this: the sink may be gone afterwards.
      Deliveries done = std::exchange(desk->done, {});
      lock.unlock();
      s.deliver(std::move(done));
      lock.lock();
      continue;
    }
    if (!s.take_job_locked(*desk)) {
      if (!desk->done.empty()) continue;
      if (s.stopping) return;
      ++s.idle;
      s.work_there.wait(lock, [&] { return s.stopping || !s.queue.empty(); });
      --s.idle;
      continue;
    }
    // The job lies on the desk while the function runs; nobody takes it away from there, but it may be
    // answered for.
    const engine::Attempt& attempt = desk->job->attempt;
    lock.unlock();
    engine::Reply reply = s.functions.call(attempt);
    lock.lock();
    if (desk->lost) {
      // The engine itself may be gone: nothing but what is shared may be looked at from here on.
      --s.stuck;
      s.at_large.erase({attempt.saga, attempt.step});
      s.watch_again.notify_one();
      return;
    }
    const engine::Elapsed began = std::exchange(desk->since, s.clock.elapsed());
    s.took_micros += (static_cast<double>((desk->since - began).count()) - s.took_micros) / 16;
    s.keep_locked(*desk, answer(attempt, std::move(reply)), desk->job->sink);
    desk->job.reset();
    if (s.stopping) s.all_idle.notify_all();
  }
}

bool Pool::Shared::take_job_locked(Desk& desk) {
  while (!queue.empty()) {
    Job job = std::move(queue.front());
    queue.pop_front();
    std::optional<Refusal> refusal;
    if (job.attempt.not_after != engine::WallTime{} && clock.wall() > job.attempt.not_after)
      refusal = Refusal::not_begun_in_time;
    else if (!job.attempt.may_be_sent())
      refusal = Refusal::lease_lost;
    else if (!at_large.empty() && at_large.contains({job.attempt.saga, job.attempt.step}))
      refusal = Refusal::still_running;
    desk.since = clock.elapsed();
    if (!refusal) {
      desk.job = std::move(job);
      return true;
    }
    keep_locked(desk, answer(job.attempt, *refusal), job.sink);
  }
  return false;
}

void Pool::Shared::keep_locked(Desk& desk, engine::Answered answered, engine::ReplySink* sink) {
  if (desk.done.empty()) desk.oldest = desk.since;
  desk.done.push_back({std::move(answered), sink});
}

bool Pool::Shared::should_answer_locked(const Desk& desk) const {
  if (desk.done.empty()) return false;
  return queue.empty() || desk.done.size() >= batch_max || desk.since - desk.oldest > batch_age_max;
}

void Pool::Shared::deliver(Deliveries deliveries) {
  while (!deliveries.empty()) {
    engine::ReplySink* sink = deliveries.front().sink;
    std::vector<engine::Answered> its;
    its.reserve(deliveries.size());
    std::erase_if(deliveries, [&](Delivery& one) {
      if (one.sink != sink) return false;
      its.push_back(std::move(one.answered));
      return true;
    });
    in_flight.fetch_sub(its.size());
    sink->deliver(std::move(its));
  }
}

// ---- looking after them ----------------------------------------------------------------------------------

void Pool::Shared::watch(std::shared_ptr<Shared> self) {
  pthread_setname_np(pthread_self(), "amends-watch");
  Shared& s = *self;
  std::unique_lock lock(s.mutex);
  while (!s.stopped) {
    Deliveries out;
    s.look_after_locked(out);
    s.fill_places_locked(self);
    if (!out.empty()) {
      lock.unlock();
      s.deliver(std::move(out));
      lock.lock();
      continue;
    }
    if (s.queue.empty() && s.at_work_locked() == 0 && !s.stopped) {
      s.watcher_asleep = true;
      s.watch_again.wait(lock);
      s.watcher_asleep = false;
    }
    if (!s.stopped) s.watch_again.wait_for(lock, s.options.look_every);
  }
}

void Pool::Shared::fill_places_locked(const std::shared_ptr<Shared>& self) {
  if (stopping) return;
  try {
    while (workers.size() < options.threads && stuck <= options.stuck_max) hire_locked(self);
  } catch (const std::system_error&) {  // no thread to be had: those that are left go on, and we ask again
  }
}

void Pool::Shared::look_after_locked(Deliveries& out) {
  const engine::Elapsed now = clock.elapsed();
  for (Worker& worker : workers) {
    Desk& desk = *worker.desk;
    if (!desk.job) continue;
    const engine::Micros took = now - desk.since;
    if (took > batch_age_max) std::ranges::move(std::exchange(desk.done, {}), std::back_inserter(out));
    if (took > desk.job->attempt.timeout) give_up_locked(worker, Refusal::timeout, out);
  }
  std::erase_if(workers, [](const Worker& w) { return !w.thread.joinable(); });
  if (!queue.empty() && idle > 0) work_there.notify_all();
  // With nobody left, and nobody to be hired until one of them comes back, the queue would wait for ever.
  if (!workers.empty() || stuck <= options.stuck_max) return;
  for (Job& job : queue) out.push_back({answer(job.attempt, Refusal::threads_stuck), job.sink});
  queue.clear();
}

void Pool::Shared::give_up_locked(Worker& worker, Refusal refusal, Deliveries& out) {
  Desk& desk = *worker.desk;
  std::ranges::move(std::exchange(desk.done, {}), std::back_inserter(out));
  out.push_back({answer(desk.job->attempt, refusal), desk.job->sink});
  desk.lost = true;
  ++stuck;
  at_large.insert({desk.job->attempt.saga, desk.job->attempt.step});
  worker.thread.detach();
  if (stopping) all_idle.notify_all();
}

std::size_t Pool::Shared::worth_waking_locked(std::size_t calls) const {
  constexpr double micros_to_wake = 50;
  const double worth = static_cast<double>(calls) * took_micros / micros_to_wake;
  return worth >= static_cast<double>(cores) ? cores : static_cast<std::size_t>(worth) + 1;
}

std::size_t Pool::Shared::at_work_locked() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(workers, [](const Worker& w) { return w.desk->job.has_value(); }));
}

}  // namespace amends::effect_local
