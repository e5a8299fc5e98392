// The jobs that the loop leaves to the writer, against the tables.
#include "tests/properties/sharing/member.hpp"

namespace amends::properties {

using namespace engine;

void Member::work() {
  if (jobs_.empty()) return;
  const Job job = std::move(jobs_.front());
  jobs_.pop_front();
  std::visit([this](const auto& what) { obey(what); }, job);
}

void Member::obey(const Commit& job) {
  CommitResult result{CommitStatus::fenced, {}, "fenced", ""};
  if (!broken_) {
    result = store_->commit(*job.batch);
    if (result.status == CommitStatus::committed) around_.written(name_, *job.batch);
  }
  if (result.status == CommitStatus::refused && result.error_class == "data")
    throw Broken("a flush contradicts the store: " + result.error);
  if (result.status == CommitStatus::fenced || result.status == CommitStatus::unknown) broken_ = true;
  reports_.push_back(std::move(result));
}

void Member::obey(const Tend&) {
  if (broken_) return;
  try {
    const Elapsed before = around_.now.elapsed;
    reports_.push_back(Shared{store_->tend(around_.now.wall), before});
  } catch (const StoreUnavailable&) {
    broken_ = true;
    reports_.push_back(Unheld{});
  }
}

void Member::obey(const Load& job) {
  if (broken_) return;
  Loaded out{job.shard, store_->load_live(job.shard, {}, 10'000)};
  for (SavedSaga& due : store_->load_due({{job.shard, from_micros(0), {}}}, job.until, 10'000))
    out.sagas.push_back(std::move(due));
  reports_.push_back(std::move(out));
}

void Member::obey(const GiveUp& job) {
  if (broken_) return;
  try {
    store_->give_up(job.shards);
    reports_.push_back(GivenUp{job.shards});
  } catch (const StoreUnavailable&) {
    broken_ = true;
    reports_.push_back(Unheld{});
  }
}

void Member::obey(const TakeOver& job) {
  broken_ = true;
  const Opened opened = store_->take_over(name_, around_.now.wall);
  if (!opened.writer) return jobs_.push_front(job);
  broken_ = false;
  TakenOver taken{*opened.writer, {}, job.in_doubt};
  for (const SagaId& saga : job.doubtful)
    if (store_->find_saga(saga)) taken.present.push_back(saga);
  reports_.push_back(std::move(taken));
  obey(Tend{});
}

void Member::obey(const Leave&) {
  try {
    if (!broken_) store_->leave();
  } catch (const StoreUnavailable&) {
  }
  reports_.push_back(Left{});
}

void Member::obey(const Reload& job) {
  if (broken_) return;
  Reloaded found;
  for (const SagaId& saga : job.sagas) {
    found.sagas.emplace_back().row.id = saga;
    for (SavedSaga& saved : store_->load_sagas({saga})) found.sagas.back() = std::move(saved);
  }
  reports_.push_back(std::move(found));
}

void Member::obey(const Look& job) {
  if (broken_) return;
  std::vector<DueAfter> from;
  for (const ShardId shard : job.look.shards) from.push_back({shard, job.look.from, {}});
  reports_.push_back(Looked{store_->load_due(from, job.look.until, 10'000)});
}

}  // namespace amends::properties
