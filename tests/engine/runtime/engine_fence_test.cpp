// An engine that was declared dead and does not know it: by its own clock its lease stands, so it would send
// and it writes. What keeps it from writing is the row that every flush compares, and nothing else.
#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/postgres/schema.hpp"
#include "tests/engine/runtime/handover_fixture.hpp"
#include "tests/support/postgres.hpp"

namespace amends::engine {
namespace {

using testing_support::postgres_server;
using testing_support::PostgresSession;

constexpr std::size_t all = 8;

// Tables, and how the store comes to think that a lease is over.
struct Ground {
  virtual ~Ground() = default;
  virtual std::unique_ptr<Store> open() = 0;
  virtual void end_lease(SharingParts& of, SharingParts& other) = 0;
};

struct MemoryGround final : Ground {
  std::unique_ptr<Store> open() override { return std::make_unique<memory::MemoryStore>(tables, 10 * hour); }
  // Its leases are by the wall clocks, which are set; the lease check goes by what has passed.
  void end_lease(SharingParts& of, SharingParts& other) override {
    of.moved.set_forward(11 * hour);
    other.moved.set_forward(11 * hour);
  }
  std::shared_ptr<memory::Tables> tables = std::make_shared<memory::Tables>(all);
};

struct PostgresGround final : Ground {
  PostgresGround() {
    static int databases = 0;
    const std::string name = "fence" + std::to_string(++databases);
    postgres_server().create_database(name);
    url = postgres_server().url(name);
    EXPECT_EQ(postgres::migrate(url, all).error, "");
  }
  std::unique_ptr<Store> open() override {
    postgres::Options options;
    options.is_shared = true;
    options.lease = 10 * hour;
    auto opened = postgres::PostgresStore::open(url, options);
    EXPECT_NE(opened.store, nullptr) << opened.error;
    return std::move(opened.store);
  }
  void end_lease(SharingParts& of, SharingParts&) override {
    PostgresSession(url).ask(
        "update amends.writer set lease_until = now() - interval '1 ms' "
        "where engine_id = '" +
        of.id + "'");
  }
  std::string url;
};

struct GroundKind {
  std::string name;
  std::function<std::unique_ptr<Ground>()> make;
};

struct FenceTest : testing::TestWithParam<GroundKind> {
  std::unique_ptr<Ground> ground = GetParam().make();
  std::unique_ptr<Store> stores[2] = {ground->open(), ground->open()};
  SharingParts a{"a"}, b{"b"};

  ~FenceTest() override {
    a.answer_all();
    a.engine.reset();
    b.engine.reset();
  }
  // `b` has everything of `a`, and has brought its sagas to their end; `a` has not heard of it.
  std::vector<SagaId> inherit() {
    a.join(*stores[0]);
    // No hint makes it look at the store; one that came already is used up before the starts are written.
    stores[0]->shared()->on_wake([] {});
    a.moved.pass(Millis(100));
    const std::vector<SagaId> sagas = a.start_everywhere(all);
    b.join(*stores[1]);
    ground->end_lease(a, b);
    b.moved.pass(3 * hour);  // it looks for its share
    EXPECT_TRUE(b.await_shards(all));
    for (const SagaId& saga : sagas)
      EXPECT_TRUE(b.await([&] { return stores[1]->find_saga(saga)->state == "completed"; }));
    return sagas;
  }
  std::vector<JournalRow> journals(const std::vector<SagaId>& sagas) {
    std::vector<JournalRow> out;
    for (const SagaId& saga : sagas)
      for (JournalRow& row : stores[1]->read_journal(saga, 0, 100)) out.push_back(std::move(row));
    return out;
  }
  // The lease check would let everything through.
  void expect_belief() {
    EXPECT_EQ(a.shards(), all);
    EXPECT_TRUE(a.engine->ready());
    for (const Attempt& attempt : a.adapter.sent) EXPECT_TRUE(attempt.may_be_sent());
  }
};

TEST_P(FenceTest, AStartThatComesToItIsNotWrittenAndNotAcknowledged) {
  inherit();
  expect_belief();

  const StartReply late = a.start("late");

  EXPECT_EQ(late.status, StartStatus::unavailable);
  EXPECT_EQ(late.sentence, "another engine has taken over this store");
  EXPECT_EQ(stores[1]->find_start_key("order", "late"), std::nullopt);
  for (const Attempt& attempt : a.adapter.sent) EXPECT_FALSE(attempt.may_be_sent());
}

TEST_P(FenceTest, AnswersThatComeToItAreNotWrittenAndSendNothing) {
  const std::vector<SagaId> sagas = inherit();
  expect_belief();
  const auto before = journals(sagas);
  const std::size_t sent = a.adapter.sent.size();

  a.answer_all();

  ASSERT_TRUE(a.await([&] { return a.said("lost its hold on the store"); }));
  EXPECT_EQ(journals(sagas), before);
  EXPECT_EQ(a.adapter.sent.size(), sent);
}

INSTANTIATE_TEST_SUITE_P(
    Every, FenceTest,
    testing::Values(GroundKind{"memory", [] { return std::make_unique<MemoryGround>(); }},
                    GroundKind{"postgres", [] { return std::make_unique<PostgresGround>(); }}),
    [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace amends::engine
