#include "tests/properties/world.hpp"

#include <algorithm>

#include "tests/properties/plans.hpp"

namespace amends::properties {

using namespace engine;

World::World(Lifecycle& lifecycle, Tape& tape)
    : lifecycle_(lifecycle), tape_(tape), plan_(draw_plan(tape)), observer_(*plan_) {
  for (const Step& step : plan_->steps()) participants_.emplace_back(step.kind == StepKind::read, tape);
  left_by_operator_.resize(plan_->size());
}

void World::run() {
  try {
    start();
    while (!tape_.over() && !is_terminal(saga_.state)) {
      trouble();
      hold_live();
    }
    hold_verified();
    heal();
    hold_verified();
  } catch (const Broken& e) {
    broken(e.what());
  }
}

void World::start() {
  saga_ = Saga{};
  saga_.id = SagaId::make(now_, 7, 0x1234567890abcdefull);
  folded_ = FoldedSaga{saga_, {}};
  decide(StartEvent{"order-1", R"({"amount":12})"});
}

void World::decide(decltype(Event::what) what) {
  const Millis slack(tape_.one_in(4) ? tape_.pick(20'000) : 0);
  const Event event{now_, tape_.pick(1000), std::move(what), slack};
  const Saga before = saga_;
  const Decision decision = lifecycle_.decide(saga_, *plan_, event);

  Saga again = before;
  Lifecycle other;
  const Decision same = other.decide(again, *plan_, event);
  if (encode_row(same.entries) != encode_row(decision.entries) || same.prepares != decision.prepares ||
      same.attempts != decision.attempts || same.timers.size() != decision.timers.size())
    throw Broken("the same event decided differently");

  observer_.decided(before, saga_, decision);
  journal(decision);
  for (const LegRef ref : decision.attempts) {
    const Leg& leg = saga_.steps[ref.step].leg(ref.direction);
    unsent_.push_back({ref, leg.attempts, effect_key(saga_, *plan_, ref), leg.not_after, false, {}});
  }
  preparing_.insert(preparing_.end(), decision.prepares.begin(), decision.prepares.end());
  timers_.insert(timers_.end(), decision.timers.begin(), decision.timers.end());
}

void World::journal(const Decision& decision) {
  if (!decision.entries.empty()) {
    rows_.push_back({now_, encode_row(decision.entries)});
    ++saga_.seq;
    saga_.updated_at = now_;
    const DecodedRow decoded = decode_row(rows_.back().text);
    if (!decoded.error.empty()) throw Broken("a row does not read back: " + decoded.error);
    if (encode_row(decoded.entries) != rows_.back().text) throw Broken("a row reads back as another");
    if (decoded.entries != decision.entries) throw Broken("an entry reads back as another");
    fold_row(folded_, saga_.seq, now_, rows_.back().text);
    if (!folded_.error.empty()) throw Broken(folded_.error);
  }
  const std::string differs = difference(saga_, folded_.saga);
  if (!differs.empty()) throw Broken("the state is not the fold of the journal: " + differs);
}

void World::flush() {
  durable_ = rows_.size();
  for (Message& message : unsent_) {
    const Leg& leg = saga_.steps[message.leg.step].leg(message.leg.direction);
    observer_.sent(message.key, message.leg, leg.request->body);
    in_flight_.push_back(std::move(message));
  }
  unsent_.clear();
}

// Between any two entries: what was not flushed never happened, and an attempt that was under way may still
// arrive.
void World::crash() {
  observer_.crashed();
  const std::size_t kept = durable_ + tape_.pick(static_cast<std::uint32_t>(rows_.size() - durable_ + 1));
  rows_.resize(kept);
  durable_ = kept;
  strays_.insert(strays_.end(), in_flight_.begin(), in_flight_.end());
  in_flight_.clear();
  unsent_.clear();
  echoes_.clear();
  preparing_.clear();
  timers_.clear();
  rung_.clear();
  if (rows_.empty()) return start();
  folded_ = FoldedSaga{};
  folded_.saga.id = saga_.id;
  for (std::size_t i = 0; i < rows_.size(); ++i)
    fold_row(folded_, static_cast<std::uint32_t>(i + 1), rows_[i].at, rows_[i].text);
  if (!folded_.error.empty()) throw Broken(folded_.error);
  saga_ = folded_.saga;
  decide(RecoveredEvent{});
}

// No saga is forgotten: whatever is not over waits for something that will come.
void World::hold_live() const {
  if (is_terminal(saga_.state) || saga_.state == SagaState::needs_operator) return;
  if (in_flight_.empty() && unsent_.empty() && preparing_.empty() && timers_.empty())
    throw Broken("nothing will ever wake the saga");
}

void World::broken(const std::string& sentence) const {
  std::string out = sentence + "\nplan: " + plan_->graph_json();
  for (StepIndex i = 0; i < plan_->size(); ++i)
    out += "\nstep " + std::to_string(i) + ": run " +
           std::string(name_of(participants_[i].facts(Direction::run).idempotency)) + ", undo " +
           std::string(name_of(participants_[i].facts(Direction::undo).idempotency)) + ", standing " +
           std::to_string(participants_[i].standing());
  for (const Row& row : rows_)
    out += "\n" + std::to_string(to_micros(row.at) / 1000 % 1'000'000) + " " + row.text;
  throw Broken(out);
}

}  // namespace amends::properties
