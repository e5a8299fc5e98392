// Whatever happens, a saga that sleeps and wakes again and again journals what it would have journalled in
// memory; and no row promises more sleep than there is.
#include <random>

#include "tests/engine/runtime/shard_driver.hpp"

namespace amends::engine {
namespace {

// Jitter must not depend on how often somebody else drew.
struct SteadyEntropy : Entropy {
  std::uint64_t draw() override { return 12345; }
};

// Two lanes: one may sleep while the other has something to do.
PlanPtr two_lanes() {
  RetryPolicy retry;
  retry.attempts_max = 3;
  retry.delay_first = Millis(20'000);
  retry.delay_max = Millis(7'200'000);
  std::vector<Step> steps(5);
  const auto step = [&](std::size_t i, const char* name, StepKind kind, std::vector<StepIndex> after) {
    steps[i].name = name;
    steps[i].kind = kind;
    steps[i].after = std::move(after);
    steps[i].result_type = "Thing{id}";
    steps[i].retry = retry;
    if (kind != StepKind::reversible) return;
    steps[i].undo = UndoStep{};
    steps[i].undo->name = std::string("un-") + name;
    steps[i].undo->retry = retry;
  };
  step(0, "left", StepKind::reversible, {});
  step(1, "left-more", StepKind::reversible, {0});
  step(2, "right", StepKind::reversible, {});
  step(3, "pay", StepKind::pivot, {1, 2});
  step(4, "ship", StepKind::retriable, {3});
  return std::make_shared<const Plan>("order", 1, "Order{id}", std::move(steps));
}

struct World {
  explicit World(Millis cold_after) {
    options.cold_after = cold_after;
    d.plan = two_lanes();
    d.shard = std::make_unique<Shard>(options, std::vector<PlanPtr>{d.plan}, entropy, d.observer);
    d.shard->adopt(*d.store.take_over("test", d.now.wall).writer);
    d.reload();
  }

  void start(const SagaId& saga) {
    StartCall call{++d.token, d.plan, "", "h", R"({"id":1})", {}};
    call.saga = saga;
    d.shard->start(std::move(call), d.now);
    d.collect();
  }
  void settle() {
    d.look();
    d.read_back();
    d.pass(Millis(0));
    slept = std::max(slept, d.store.sagas.size() - std::min(d.store.sagas.size(), d.shard->live()));
  }
  // Those that wait to be prepared or answered, told by what they are about.
  template <class List>
  static std::size_t index_of(const List& list, const std::pair<SagaId, std::uint32_t>& which) {
    for (std::size_t i = 0; i < list.size(); ++i)
      if (name_of(list[i]) == which) return i;
    return list.size();
  }
  static std::pair<SagaId, std::uint32_t> name_of(const PrepareJob& job) {
    return {job.saga, job.leg.step * 2 + (job.leg.direction == Direction::undo)};
  }
  static std::pair<SagaId, std::uint32_t> name_of(const Attempt& attempt) {
    return {attempt.saga, attempt.step * 2 + (attempt.direction == Direction::undo) + 100 * attempt.number};
  }
  void prepare(std::size_t at) {
    const PrepareJob job = d.out.prepares.at(at);
    d.out.prepares.erase(d.out.prepares.begin() + static_cast<std::ptrdiff_t>(at));
    PreparedEvent event{job.leg.step, job.leg.direction, nullptr, d.facts, {}};
    event.request = std::make_shared<const Request>(Request{"http", "participant", "{}"});
    d.shard->prepared({job.saga, std::move(event)}, d.now);
    d.collect();
  }
  void answer(std::size_t at, Outcome outcome) {
    const Attempt attempt = d.out.attempts.at(at);
    d.out.attempts.erase(d.out.attempts.begin() + static_cast<std::ptrdiff_t>(at));
    d.answer(attempt, outcome == Outcome::done ? d.done() : d.failed(outcome));
  }
  void command(const SagaId& saga, CommandEvent event) {
    d.shard->command({++d.token, saga, std::move(event)}, d.now);
    d.collect();
    d.read_back();
  }
  void crash() {
    d.out = {};
    d.shard = std::make_unique<Shard>(options, std::vector<PlanPtr>{d.plan}, entropy, d.observer);
    d.shard->adopt(*d.store.take_over("test", d.now.wall).writer);
    d.reload();
  }

  // Who would be left asleep by a crash right now has nothing to do until then.
  void hold_rows() {
    for (const auto& [id, row] : d.store.sagas) {
      const bool rests = row.state == "needs_operator" && !row.wake_at;
      if (!row.active || (!rests && (!row.wake_at || *row.wake_at <= d.now.wall))) continue;
      FoldedSaga folded;
      folded.saga.id = id;
      for (const JournalRow& entry : d.store.journal[id]) fold_row(folded, entry.seq, entry.at, entry.body);
      ASSERT_EQ(folded.error, "");
      if (row.state == "needs_operator" && row.wake_at) continue;  // its attempt is answered by then
      const Decision decision = Lifecycle().decide(folded.saga, *d.plan, {d.now.wall, 0, RecoveredEvent{}});
      ASSERT_TRUE(decision.entries.empty() && decision.prepares.empty() && decision.attempts.empty())
          << id.text() << " is said to sleep until " << (row.wake_at ? to_micros(*row.wake_at) : 0);
      for (const Timer& timer : decision.timers) ASSERT_GE(timer.at, *row.wake_at);
    }
  }
  std::string journals() const {
    std::string out;
    for (const auto& [id, rows] : d.store.journal)
      for (const JournalRow& row : rows) out += id.text() + " " + std::to_string(row.seq) + row.body + "\n";
    return out;
  }

  SteadyEntropy entropy;
  ShardOptions options;
  ShardDriver d;
  std::size_t slept = 0;
};

class Script {
 public:
  explicit Script(std::uint32_t seed) : random_(seed) {}

  void run(std::size_t& slept) {
    for (int i = 0; i < 120 && !testing::Test::HasFatalFailure(); ++i) {
      act();
      awake_.settle();
      sleepy_.settle();
      sleepy_.hold_rows();
    }
    awake_.d.flush_all();
    sleepy_.d.flush_all();
    EXPECT_EQ(sleepy_.journals(), awake_.journals());
    sleepy_.d.expect_rows_are_folds();
    slept = std::max(slept, sleepy_.slept);
  }

 private:
  std::uint32_t pick(std::size_t n) { return random_() % static_cast<std::uint32_t>(n); }

  void act() {
    switch (pick(12)) {
      case 0: return start();
      case 1:
      case 2:
      case 3: return flush();
      case 4:
      case 5: return prepare();
      case 6:
      case 7:
      case 8: return answer();
      case 9: return pass();
      case 10: return command();
      case 11:
        if (pick(8) > 0) return;
        awake_.crash();
        return sleepy_.crash();
    }
  }
  void start() {
    if (sagas_.size() >= 4) return;
    sagas_.push_back(SagaId::make(awake_.d.now.wall, 0, 1000 + sagas_.size()));
    awake_.start(sagas_.back());
    sleepy_.start(sagas_.back());
  }
  void flush() {
    const bool lost = pick(20) == 0, unheard = pick(20) == 0;
    for (World* world : {&awake_, &sleepy_}) {
      if (lost) world->d.store.fates = {ScriptedStore::Fate::lost};
      if (unheard) world->d.store.fates = {ScriptedStore::Fate::landed_unheard};
      const bool flushed = world->d.flush();
      world->d.store.fates.clear();
      if (!flushed || !(lost || unheard)) continue;
      world->d.out.prepares.clear();
      world->d.out.attempts.clear();
      world->d.resolve();
    }
  }
  void prepare() {
    auto& jobs = awake_.d.out.prepares;
    if (jobs.empty()) return;
    const std::size_t at = pick(jobs.size());
    const std::size_t there = World::index_of(sleepy_.d.out.prepares, World::name_of(jobs[at]));
    ASSERT_LT(there, sleepy_.d.out.prepares.size()) << "nothing was asked of the author";
    awake_.prepare(at);
    sleepy_.prepare(there);
  }
  void answer() {
    auto& attempts = awake_.d.out.attempts;
    if (attempts.empty()) return;
    static constexpr Outcome outcomes[] = {Outcome::done,      Outcome::done,    Outcome::transient,
                                           Outcome::transient, Outcome::unknown, Outcome::rejected};
    const std::size_t at = pick(attempts.size());
    const Outcome outcome = outcomes[pick(6)];
    const std::size_t there = World::index_of(sleepy_.d.out.attempts, World::name_of(attempts[at]));
    ASSERT_LT(there, sleepy_.d.out.attempts.size()) << "nothing was sent";
    awake_.answer(at, outcome);
    sleepy_.answer(there, outcome);
  }
  void pass() {
    static constexpr Millis times[] = {Millis(11), Millis(3'000), Millis(25'000), Millis(600'000),
                                       Millis(4'000'000)};
    const Millis time = times[pick(5)];
    // What comes due is looked for in time: no step is longer than that takes.
    const Millis stride = std::max(Millis(1), sleepy_.options.cold_after / 2);
    for (Millis gone{0}; gone < time; gone += stride) {
      const Millis now = std::min(stride, time - gone);
      awake_.d.pass(now);
      sleepy_.d.pass(now);
      awake_.d.look();
      sleepy_.d.look();
    }
  }
  void command() {
    if (sagas_.empty()) return;
    static constexpr Verb verbs[] = {Verb::retry, Verb::retry,   Verb::cancel,
                                     Verb::skip,  Verb::resolve, Verb::resolve};
    static const char* const steps[] = {"", "left", "left-more", "right", "pay", "ship"};
    const SagaId saga = sagas_[pick(sagas_.size())];
    CommandEvent event{"c", verbs[pick(6)], "ann", "because", steps[pick(6)], pick(2) == 0, {}};
    if (event.happened) event.result = R"({"id":8})";
    awake_.command(saga, event);
    sleepy_.command(saga, event);
  }

  std::mt19937 random_;
  World awake_{Millis(100'000'000)}, sleepy_{Millis(10'000)};
  std::vector<SagaId> sagas_;
};

TEST(SleepProperty, SleepingChangesNothingThatTheJournalSays) {
  std::size_t slept = 0;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    Script(seed).run(slept);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
  EXPECT_GE(slept, 3u) << "nobody slept";
}

}  // namespace
}  // namespace amends::engine
