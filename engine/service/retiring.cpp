#include "engine/service/retiring.hpp"

#include <algorithm>

namespace amends::engine {
namespace {

// Who waits for an answer asks for it within minutes.
constexpr Micros answers_kept = std::chrono::hours(1);
constexpr Micros look_every_least = Millis(100), look_every_most = Millis(60'000);
constexpr Micros nothing_owned = Millis(500);  // shards come soon, or are read back
constexpr Micros trouble_first = Millis(1'000);
// A round in which nothing left cost something all the same: it is repeated after so many times as long.
constexpr int idle_factor = 100;
constexpr Micros idle_most = std::chrono::hours(1);

}  // namespace

void PieceSize::took(Micros time, Micros goal, bool full) {
  if (time > goal * 2)
    halve();
  else if (full && time < goal)
    count_ = std::min(count_ * 2, max_);
}

Retiring::Retiring(RetiringOptions options, Retention& store, std::function<std::vector<ShardId>()> owned,
                   Archive* archive, Clock& clock, Observer& observer)
    : options_(options),
      store_(store),
      owned_(std::move(owned)),
      archive_(archive),
      clock_(clock),
      observer_(observer),
      sagas_at_once_(archive ? 500 : 5'000),  // whole ones are in memory until they are in the archive
      keys_at_once_(5'000),
      commands_at_once_(5'000) {}

Micros Retiring::step() {
  const Elapsed begin = clock_.elapsed();
  if (stage_ == Stage::between) begin_round();
  if (owned_now_.empty()) return nothing_owned;
  try {
    switch (stage_) {
      case Stage::between: break;
      case Stage::sagas: retire_some(); break;
      case Stage::keys:
        if (!forget_some_keys()) stage_ = Stage::commands;
        break;
      case Stage::commands:
        if (!forget_some_commands()) end_round();
        break;
    }
  } catch (const StoreUnavailable& down) {
    for (PieceSize* size : {&sagas_at_once_, &keys_at_once_, &commands_at_once_}) size->halve();
    store_fails_ = true;
    // Once is a connection that broke; twice is worth a line.
    if (failed_rounds_ > 0) say("finished sagas and old keys cannot leave the store: " + down.error);
    end_round();
  }
  const Micros took = clock_.elapsed() - begin;
  busy_ += took;
  const Micros rest(static_cast<Micros::rep>(static_cast<double>(took.count()) * (1 / options_.share - 1)));
  return stage_ == Stage::between ? std::max(rest, between_rounds()) : rest;
}

void Retiring::begin_round() {
  owned_now_ = owned_();
  if (owned_now_.empty()) return;
  to_look_at_ = options_.finished ? owned_now_ : std::vector<ShardId>();
  after_.reset();
  busy_ = Micros(0);
  left_ = 0;
  archive_fails_ = store_fails_ = false;
  stage_ = to_look_at_.empty() ? Stage::keys : Stage::sagas;
}

void Retiring::end_round() {
  const bool failed = archive_fails_ || store_fails_;
  failed_rounds_ = failed ? failed_rounds_ + 1 : 0;
  if (!failed && !said_.empty()) {
    said_.clear();
    observer_.metrics.retiring_stuck.store(0, std::memory_order_relaxed);
    observer_.note(Severity::info, "finished sagas and old keys leave the store again");
  }
  stage_ = Stage::between;
}

Micros Retiring::between_rounds() const {
  Micros rest = look_every_most;
  if (options_.finished) rest = std::clamp<Micros>(*options_.finished / 20, look_every_least, rest);
  if (failed_rounds_ > 0)
    rest = std::max(rest, std::min(trouble_first * (1 << std::min(failed_rounds_ - 1, 6u)), look_every_most));
  if (left_ == 0) rest = std::max(rest, std::min(busy_ * idle_factor, idle_most));
  return rest;
}

void Retiring::next_shard() {
  after_.reset();
  to_look_at_.pop_back();
  if (to_look_at_.empty()) stage_ = Stage::keys;
}

void Retiring::retire_some() {
  const Elapsed begin = clock_.elapsed();
  const WallTime now = clock_.wall();
  const EndedPage page = store_.find_ended(to_look_at_.back(), after_, now - *options_.finished,
                                           sagas_at_once_.count(), archive_ != nullptr);
  if (!page.sagas.empty()) {
    if (archive_ && !archived(page.sagas)) {
      stage_ = Stage::keys;  // they come again in the next round
      return;
    }
    keep_keys(page.sagas);
    std::vector<SagaId> ids;
    for (const EndedSaga& one : page.sagas) ids.push_back(one.row.id);
    const std::uint32_t retired = store_.retire(ids);
    observer_.metrics.retired.fetch_add(retired, std::memory_order_relaxed);
    left_ += retired;
  }
  sagas_at_once_.took(clock_.elapsed() - begin, store_.piece_time(), page.more.has_value());
  if (page.more)
    after_ = page.more;
  else
    next_shard();
}

// A key has its time from the start. What ran for long has it anew from its end, which nobody knows once the
// saga has left.
void Retiring::keep_keys(const std::vector<EndedSaga>& sagas) {
  std::vector<KeptKey> kept;
  for (const auto& [row, tags, journal] : sagas)
    if (!row.key.empty() && row.updated_at - row.created_at > options_.keys_kept / 100)
      kept.push_back({row.id, row.workflow, row.key, row.updated_at + options_.keys_kept});
  if (!kept.empty()) store_.keep_keys(kept);
}

bool Retiring::archived(const std::vector<EndedSaga>& sagas) {
  const std::string trouble = archive_->append(sagas, clock_.wall());
  if (trouble.empty()) return true;
  observer_.metrics.archive_failures.fetch_add(1, std::memory_order_relaxed);
  archive_fails_ = true;
  say("finished sagas stay, because they cannot be archived: " + trouble);
  return false;
}

bool Retiring::forget_some_keys() {
  const Elapsed begin = clock_.elapsed();
  const WallTime now = clock_.wall();
  const std::uint32_t forgotten = store_.forget_keys(now, now - options_.keys_kept, keys_at_once_.count());
  const bool full = forgotten >= keys_at_once_.count();
  keys_at_once_.took(clock_.elapsed() - begin, store_.piece_time(), full);
  left_ += forgotten;
  return full;
}

bool Retiring::forget_some_commands() {
  const Elapsed begin = clock_.elapsed();
  const std::uint32_t forgotten =
      store_.forget_commands(owned_now_, clock_.wall() - answers_kept, commands_at_once_.count());
  const bool full = forgotten >= commands_at_once_.count();
  commands_at_once_.took(clock_.elapsed() - begin, store_.piece_time(), full);
  left_ += forgotten;
  return full;
}

// Once for each cause.
void Retiring::say(std::string trouble) {
  if (trouble == said_) return;
  observer_.note(Severity::error, trouble);
  observer_.metrics.retiring_stuck.store(1, std::memory_order_relaxed);
  said_ = std::move(trouble);
}

}  // namespace amends::engine
