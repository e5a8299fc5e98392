// Commands and waits for another engine's saga: what is left in the store, what is asked of it, and who is
// told what.
#include "engine/service/elsewhere.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "adapters/store/memory/memory_store.hpp"
#include "engine/base/json.hpp"

namespace amends::engine {
namespace {

constexpr Millis ages{60'000'000};

// Stands still until it is moved on.
class StillClock final : public Clock {
 public:
  WallTime wall() const override { return from_micros(1'800'000'000'000'000); }
  Elapsed elapsed() const override { return Elapsed(now.load()); }
  void pass(Millis time) { now += Elapsed(time).count(); }

  std::atomic<Elapsed::rep> now{0};
};

// What the store of all engines answers is the test's business.
class PostOffice : public memory::MemoryStore {
 public:
  PostOffice() : MemoryStore(std::make_shared<memory::Tables>(4)) {}

  void post_command(const CommandRow& row) override {
    std::lock_guard lock(mutex);
    if (is_down) throw StoreUnavailable{"io", "nobody there"};
    posted.push_back(row);
  }
  std::vector<CommandDone> find_done(const std::vector<SagaId>&) override {
    std::lock_guard lock(mutex);
    ++asked;
    if (is_down) throw StoreUnavailable{"io", "nobody there"};
    return done;
  }
  std::vector<SagaRow> find_sagas(const std::vector<SagaId>&) override {
    std::lock_guard lock(mutex);
    ++asked;
    if (is_down) throw StoreUnavailable{"io", "nobody there"};
    return rows;
  }
  // Until the thread has looked twice more: once at least it saw what is there now.
  void await_looks() {
    const int before = asked;
    while (asked < before + 2) std::this_thread::yield();
  }
  template <typename Change>
  void change(Change what) {
    std::lock_guard lock(mutex);
    what();
  }

  std::mutex mutex;
  std::atomic<int> asked{0};
  bool is_down = false;
  std::vector<CommandRow> posted;
  std::vector<CommandDone> done;
  std::vector<SagaRow> rows;
};

struct ElsewhereTest : testing::Test {
  SagaId id(int n) { return SagaId::make(clock.wall(), 1, static_cast<std::uint64_t>(n)); }

  std::future<Answer<Verdict>> post(int n) {
    auto heard = std::make_shared<std::promise<Answer<Verdict>>>();
    elsewhere.post({id(n), "cancel", id(0), clock.wall(), "{}"},
                   [heard](const Answer<Verdict>& answer) { heard->set_value(answer); });
    return heard->get_future();
  }
  Answer<Verdict> decided(const std::string& verdict) {
    store.change([&] { store.done = {{id(1), verdict, "why"}}; });
    return post(1).get();
  }
  std::future<WaitOutcome> wait(Millis limit) {
    auto heard = std::make_shared<std::promise<WaitOutcome>>();
    elsewhere.wait(id(0), clock.elapsed() + limit, [heard](WaitOutcome what) { heard->set_value(what); });
    return heard->get_future();
  }
  void saga_is(const std::string& state, bool active) {
    SagaRow row;
    row.id = id(0);
    row.state = state;
    row.active = active;
    store.change([&] { store.rows = {row}; });
  }
  // The thread looks for waits no more often than every 100 ms.
  void look_for_waits() {
    const int before = store.asked;
    while (store.asked < before + 2) {
      clock.pass(Millis(100));
      std::this_thread::sleep_for(Millis(1));  // what is waited for has no signal
    }
  }
  WaitOutcome outcome(std::future<WaitOutcome> waited) {
    while (waited.wait_for(Millis(1)) == std::future_status::timeout) clock.pass(Millis(100));
    return waited.get();
  }
  template <typename T>
  static bool is_open(const std::future<T>& one) {
    return one.wait_for(Millis(0)) == std::future_status::timeout;
  }

  StillClock clock;
  PostOffice store;
  Elsewhere elsewhere{store, clock};
};

TEST_F(ElsewhereTest, ACommandsRowSaysAllThatTheCommandSaid) {
  CommandCall call;
  call.saga = id(0);
  call.command = {"", Verb::resolve, "ann", "seen", "pay", true, R"({"a":1})"};

  const CommandRow row = command_row(id(1), call, clock.wall());

  EXPECT_EQ(row.kind, "resolve");
  EXPECT_EQ(row.saga, id(0));
  EXPECT_EQ(parse_json(row.body).value, (Json{{"actor", "ann"},
                                              {"reason", "seen"},
                                              {"step", "pay"},
                                              {"happened", true},
                                              {"result", R"({"a":1})"}}));
}

TEST_F(ElsewhereTest, EveryVerdictOfTheOwnerIsHandedOn) {
  EXPECT_EQ(decided("accepted").value, Verdict::accepted);
  EXPECT_EQ(decided("remembered").value, Verdict::remembered);
  EXPECT_TRUE(decided("remembered").ok());
  EXPECT_EQ(decided("too_late").error, ServiceError::too_late);
  EXPECT_EQ(decided("already_over").error, ServiceError::already_over);
  EXPECT_EQ(decided("invalid").error, ServiceError::invalid);
  EXPECT_EQ(decided("refused").error, ServiceError::refused);
  EXPECT_EQ(decided("refused").sentence, "why");
}

TEST_F(ElsewhereTest, ACommandIsLeftOnceAndAfterTenSecondsItsCallerHearsThatItIsThere) {
  auto answer = post(1);
  store.await_looks();
  EXPECT_TRUE(is_open(answer));

  clock.pass(Millis(10'001));

  EXPECT_EQ(answer.get().value, Verdict::remembered);
  EXPECT_EQ(store.posted.size(), 1u);
}

TEST_F(ElsewhereTest, ACommandThatTheStoreDoesNotTakeIsNotTaken) {
  store.change([&] { store.is_down = true; });

  EXPECT_EQ(post(1).get().error, ServiceError::unavailable);
}

TEST_F(ElsewhereTest, AStoreThatIsAwayForAMomentDecidesNothing) {
  auto answer = post(1);
  store.await_looks();
  store.change([&] { store.is_down = true; });
  store.await_looks();
  EXPECT_TRUE(is_open(answer));

  store.change([&] {
    store.is_down = false;
    store.done = {{id(1), "accepted", ""}};
  });

  EXPECT_EQ(answer.get().value, Verdict::accepted);
}

TEST_F(ElsewhereTest, OneThatStopsSaysThatWhatItLeftWillBeObeyedAndEndsTheWaits) {
  auto answer = post(1);
  store.await_looks();
  saga_is("running", true);
  auto waited = wait(ages);

  elsewhere.stop();

  EXPECT_EQ(answer.get().value, Verdict::remembered);
  EXPECT_EQ(waited.get(), WaitOutcome::stopping);
  EXPECT_EQ(post(2).get().error, ServiceError::stopping);
  EXPECT_EQ(wait(Millis(1)).get(), WaitOutcome::stopping);
}

TEST_F(ElsewhereTest, AWaitEndsWhereTheSagaRestsAndNotBefore) {
  saga_is("running", true);
  auto waited = wait(ages);
  look_for_waits();
  EXPECT_TRUE(is_open(waited));
  store.change([&] { store.is_down = true; });
  look_for_waits();
  EXPECT_TRUE(is_open(waited));

  saga_is("needs_operator", true);
  store.change([&] { store.is_down = false; });

  EXPECT_EQ(outcome(std::move(waited)), WaitOutcome::rested);
}

TEST_F(ElsewhereTest, AWaitForWhatIsOverOrUnknownIsAnsweredAtOnceAndEveryOtherInItsTime) {
  saga_is("completed", false);
  EXPECT_EQ(outcome(wait(ages)), WaitOutcome::rested);
  store.change([&] { store.rows.clear(); });
  EXPECT_EQ(outcome(wait(ages)), WaitOutcome::not_live);
  saga_is("running", true);
  EXPECT_EQ(outcome(wait(Millis(1'000))), WaitOutcome::time_up);
}

}  // namespace
}  // namespace amends::engine
