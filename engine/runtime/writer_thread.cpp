#include "engine/runtime/writer_thread.hpp"

#include <algorithm>

#include "engine/runtime/thread_name.hpp"

namespace amends::engine {
WriterThread::WriterThread(std::string engine_id, Clock& clock, Store& store, Lease& lease, Inbox& inbox)
    : engine_id_(std::move(engine_id)),
      clock_(clock),
      store_(store),
      shared_(store.shared()),
      lease_(lease),
      inbox_(inbox),
      thread_([this] { run(); }) {}

WriterThread::~WriterThread() {
  stop();
}

void WriterThread::post(Job job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void WriterThread::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void WriterThread::run() {
  name_this_thread("amends-writer");
  while (true) {
    std::optional<Job> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty() || has_pages(); });
      if (stopping_) return;
      if (!jobs_.empty()) {
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
    }
    if (job) std::visit([this](const auto& what) { obey(what); }, *job);
    if (has_pages()) read_page();
  }
}

bool WriterThread::pause(Millis time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [this] { return stopping_; });
}

void WriterThread::obey(const CommitJob& job) {
  const Elapsed before = clock_.elapsed();
  CommitResult result{CommitStatus::fenced, {}, "fenced", "another engine has taken over"};
  if (!broken_) result = store_.commit(*job.batch);
  if (result.status == CommitStatus::fenced || result.status == CommitStatus::unknown)
    shared_ ? break_off() : forget_pages();
  report(CommitReport{std::move(result), clock_.elapsed() - before});
}

std::optional<Writer> WriterThread::take_over() {
  std::optional<std::string> said;
  for (Millis wait{20};; wait = std::min(wait * 2, Millis(1'000))) {
    const Opened opened = store_.take_over(engine_id_, clock_.wall());
    if (opened.writer) {
      if (shared_) lease_.begin(opened.writer->epoch);
      broken_ = false;
      return opened.writer;
    }
    if (said != opened.error) report(StillDown{opened.error});
    said = opened.error;
    if (!pause(wait)) return std::nullopt;
  }
}

void WriterThread::obey(const TakeOverJob& job) {
  break_off();
  while (true) {
    const auto writer = take_over();
    if (!writer) return;
    TakenOver taken{*writer, {}, job.in_doubt};
    try {
      for (const SagaId& id : job.doubtful)
        if (store_.find_saga(id)) taken.present.push_back(id);
    } catch (const StoreUnavailable&) {
      // Ours is the epoch, but commit_seq was read before it broke again: it is still the flush in doubt's.
      if (!pause(Millis(50))) return;
      continue;
    }
    report(std::move(taken));
    return shared_ ? obey(TendJob{}) : obey(LoadJob{job.until});
  }
}

void WriterThread::obey(const PurgeJob&) {
  try {
    store_.purge_flushes();
  } catch (const StoreUnavailable&) {
    // Nobody waits for it: the next one tries again.
  }
}

}  // namespace amends::engine
