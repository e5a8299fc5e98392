#include "engine/runtime/store_writer.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"

namespace amends::engine {
namespace {

constexpr Millis wait_max{1'000};  // between two tries to take the store over

}  // namespace

StoreWriter::StoreWriter(std::string engine_id, Clock& clock, Store& store, Lease& lease, Report report)
    : engine_id_(std::move(engine_id)),
      clock_(clock),
      store_(store),
      shared_(store.shared()),
      lease_(lease),
      report_(std::move(report)) {}

Millis StoreWriter::begin(const WriterJob& job) {
  AMENDS_CHECK(takes_job(), "a job waits until the writer takes one");
  pause_ = Millis(0);
  page_next_ = true;
  std::visit([this](const auto& what) { obey(what); }, job);
  return pause_;
}

Millis StoreWriter::go_on() {
  pause_ = Millis(0);
  if (in_hand()) {
    InHand what = std::exchange(in_hand_, std::monostate{});
    std::visit([this](auto& one) { go_on(std::move(one)); }, what);
  } else if (has_pages()) {
    page_next_ = false;
    read_page();
  }
  return pause_;
}

void StoreWriter::obey(const CommitJob& job) {
  const Elapsed before = clock_.elapsed();
  CommitResult result{CommitStatus::fenced, {}, "fenced", "another engine has taken over"};
  if (!broken_) result = store_.commit(*job.batch);
  if (result.status == CommitStatus::fenced || result.status == CommitStatus::unknown)
    shared_ ? break_off() : forget_pages();
  report_(CommitReport{std::move(result), clock_.elapsed() - before});
}

void StoreWriter::obey(const TakeOverJob& job) {
  break_off();
  TakingOver one{.doubtful = job.doubtful, .in_doubt = job.in_doubt};
  if (!shared_) one.load = Loading{.shard = 0, .until = job.until};
  go_on(std::move(one));
}

void StoreWriter::obey(const PurgeJob&) {
  try {
    store_.purge_flushes();
  } catch (const StoreUnavailable&) {
    // Nobody waits for it: the next one tries again.
  }
}

// Tries until it succeeds.
void StoreWriter::go_on(TakingOver one) {
  const Opened opened = store_.take_over(engine_id_, clock_.wall());
  if (!opened.writer) {
    if (one.said != opened.error) report_(StillDown{opened.error});
    one.said = opened.error;
    const Millis wait = std::exchange(one.wait, std::min(one.wait * 2, wait_max));
    return go_on_after(wait, std::move(one));
  }
  AMENDS_FAILPOINT_HERE("takeover_after_epoch");
  if (shared_) lease_.begin(opened.writer->epoch);
  broken_ = false;
  one.wait = first_wait;
  one.said.reset();
  TakenOver taken{*opened.writer, {}, one.in_doubt};
  try {
    for (const SagaId& id : one.doubtful)
      if (store_.find_saga(id)) taken.present.push_back(id);
  } catch (const StoreUnavailable&) {
    // Ours is the epoch, but commit_seq was read before it broke again: it is still the flush in doubt's.
    return go_on_after(after_failure, std::move(one));
  }
  report_(std::move(taken));
  if (shared_)
    in_hand_ = TendJob{};
  else if (one.load)
    in_hand_ = std::move(*one.load);
}

}  // namespace amends::engine
