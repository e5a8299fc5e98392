// How long the worker rests between its rounds, and what it asks for in one; over a store that does what the
// test says.
#include <gtest/gtest.h>

#include <deque>

#include "engine/service/retiring.hpp"
#include "tests/conformance/rows.hpp"

namespace amends::engine {
namespace {

using namespace std::chrono_literals;

struct PaceClock : Clock {
  Micros now{};
  WallTime wall() const override { return at_second(100'000) + now; }
  Elapsed elapsed() const override { return now; }
};

// Answers with what it was given, else with nothing to do. Each call takes its time.
struct PlayedRetention : Retention {
  explicit PlayedRetention(PaceClock& by) : clock(by) {}
  struct Look {
    ShardId shard;
    std::optional<SagaId> after;
    std::uint32_t looked_max;
    bool whole;
  };
  void call() {
    clock.now += a_call;
    if (down) throw StoreUnavailable{"io", "gone"};
  }
  template <typename T>
  static T next(std::deque<T>& from) {
    if (from.empty()) return {};
    T out = std::move(from.front());
    from.pop_front();
    return out;
  }
  EndedPage find_ended(ShardId shard, std::optional<SagaId> after, WallTime, std::uint32_t looked_max,
                       bool whole) override {
    looks.push_back({shard, after, looked_max, whole});
    call();
    return next(pages);
  }
  std::uint32_t retire(const std::vector<SagaId>& sagas) override {
    call();
    return static_cast<std::uint32_t>(sagas.size());
  }
  void keep_keys(const std::vector<KeptKey>&) override { call(); }
  std::uint32_t forget_keys(WallTime, WallTime, std::uint32_t) override { return call(), 0; }
  std::uint32_t forget_commands(const std::vector<ShardId>& of, WallTime before, std::uint32_t max) override {
    asked_of.push_back(of);
    asked_before = before;
    call();
    ended = true;
    return full_pieces > 0 ? (--full_pieces, ended = false, max) : 0;
  }

  PaceClock& clock;
  Micros a_call{};
  bool down = false, ended = false;
  int full_pieces = 0;  // of commands
  std::deque<EndedPage> pages;
  std::vector<Look> looks;
  std::vector<std::vector<ShardId>> asked_of;
  WallTime asked_before{};
};

struct NoArchive : Archive {
  std::string append(const std::vector<EndedSaga>&, WallTime) override { return {}; }
};

struct RetiringPaceTest : testing::Test {
  Retiring make(std::optional<Millis> finished, Archive* kept_in = nullptr) {
    return {{.finished = finished, .share = 1}, store, [this] { return owned; }, kept_in, clock, observer};
  }
  // To the end of the round; the rest after it.
  Micros round(Retiring& retiring) {
    store.ended = false;
    Micros rest{};
    for (int steps = 0; !store.ended && steps < 1'000; ++steps) rest = retiring.step();
    return rest;
  }
  static EndedPage page_of(int n, std::optional<SagaId> more = {}) {
    EndedPage page;
    page.sagas.push_back({ended(n, "completed"), {}, {}});
    page.more = more;
    return page;
  }

  PaceClock clock;
  PlayedRetention store{clock};
  struct Quiet : Observer {
    void note(Severity, std::string_view) override {}
  } observer;
  NoArchive archive;
  std::vector<ShardId> owned{0};
};

TEST_F(RetiringPaceTest, ItLooksTwentyTimesInTheTimeThatSagasStayButNotWithoutEnd) {
  for (const auto& [finished, rest] : std::vector<std::pair<std::optional<Millis>, Micros>>{
           {1s, 100ms}, {20s, 1s}, {24h, 60s}, {std::nullopt, 60s}}) {
    Retiring retiring = make(finished);
    EXPECT_EQ(round(retiring), rest);
  }
}

TEST_F(RetiringPaceTest, ARoundInWhichNothingLeftIsRepeatedAfterAHundredTimesAsLong) {
  store.a_call = 10ms;
  Retiring retiring = make(1s);
  EXPECT_EQ(round(retiring), 100 * 3 * store.a_call);
  EXPECT_EQ(round(retiring), 100 * 3 * store.a_call) << "each round counts for itself";

  store.pages = {page_of(1)};
  EXPECT_EQ(round(retiring), 100ms) << "something left";
  EXPECT_EQ(round(retiring), 100 * 3 * store.a_call);
  store.a_call = 60s;
  EXPECT_EQ(round(retiring), 1h);
}

TEST_F(RetiringPaceTest, AStoreThatFailsIsAskedLessAndLessOftenUntilItIsBack) {
  Retiring retiring = make(1s);
  store.down = true;
  std::vector<Micros> rests;
  for (int i = 0; i < 9; ++i) rests.push_back(retiring.step());
  EXPECT_EQ(rests, (std::vector<Micros>{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}));

  store.down = false;

  EXPECT_EQ(round(retiring), 100ms);
  store.down = true;
  EXPECT_EQ(retiring.step(), 1s);
}

TEST_F(RetiringPaceTest, AnsweredCommandsAreKeptForAnHourAndForgottenInAsManyPiecesAsThereAre) {
  owned = {3, 5};
  Retiring retiring = make(std::nullopt);
  store.full_pieces = 2;

  round(retiring);

  EXPECT_EQ(store.asked_of, (std::vector<std::vector<ShardId>>(3, owned)));
  EXPECT_EQ(store.asked_before, clock.wall() - 1h);
}

TEST_F(RetiringPaceTest, EveryShardIsLookedAtFromItsBeginning) {
  owned = {0, 1};
  Retiring retiring = make(1s);
  store.pages = {page_of(1, id_of(7)), page_of(2)};

  round(retiring);

  ASSERT_EQ(store.looks.size(), 3u);
  EXPECT_EQ(store.looks[0].after, std::nullopt);
  EXPECT_EQ(store.looks[1].after, id_of(7));
  EXPECT_EQ(store.looks[1].shard, store.looks[0].shard);
  EXPECT_EQ(store.looks[2].after, std::nullopt);
  EXPECT_NE(store.looks[2].shard, store.looks[0].shard);
  EXPECT_FALSE(store.looks[0].whole);
}

TEST_F(RetiringPaceTest, APieceForTheArchiveIsSmallerAndWholeAndOneThatFailsIsHalvedForTheNext) {
  const auto grow = [&](Retiring& retiring) {
    for (int n = 0; n < 30; ++n) store.pages.push_back(page_of(n, id_of(n)));
    round(retiring);
    return store.looks[store.looks.size() - 1].looked_max;
  };
  Retiring plain = make(1s), archived = make(1s, &archive);
  EXPECT_EQ(grow(plain), 5'000u);
  EXPECT_EQ(grow(archived), 500u);
  EXPECT_TRUE(store.looks.back().whole);

  store.down = true;
  archived.step();
  store.down = false;
  archived.step();

  EXPECT_EQ(store.looks.back().looked_max, 250u);
}

}  // namespace
}  // namespace amends::engine
