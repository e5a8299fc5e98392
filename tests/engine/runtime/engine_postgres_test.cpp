// The engine over a PostgreSQL whose server dies under it.
#include <gtest/gtest.h>

#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/postgres/schema.hpp"
#include "engine/journal/saga.hpp"
#include "engine/runtime/saga_row.hpp"
#include "tests/engine/runtime/engine_world.hpp"
#include "tests/support/postgres.hpp"

namespace amends::engine {
namespace {

using testing_support::postgres_server;

struct EngineOnPostgres : testing::Test, EngineParts {
  void SetUp() override {
    static int databases = 0;
    const std::string name = "e" + std::to_string(++databases);
    postgres_server().create_database(name);
    url = postgres_server().url(name);
    ASSERT_EQ(postgres::migrate(url).error, "");
    reopen();
  }
  void TearDown() override { engine.reset(); }
  void reopen() {
    engine.reset();
    store.reset();
    auto opened = postgres::PostgresStore::open(url);
    ASSERT_NE(opened.store, nullptr) << opened.error;
    store = std::move(opened.store);
    open(*store);
  }
  // Every one ended well, and its row is what its journal says.
  void expect_completed(const std::vector<SagaId>& sagas) {
    for (const SagaId& id : sagas) {
      wait(id);
      const auto row = store->find_saga(id);
      ASSERT_TRUE(row);
      EXPECT_EQ(row->state, "completed");
      FoldedSaga folded;
      folded.saga.id = id;
      for (const JournalRow& entry : store->read_journal(id, 0, 100))
        fold_row(folded, entry.seq, entry.at, entry.body);
      EXPECT_EQ(folded.error, "");
      EXPECT_EQ(saga_row(folded.saga, catalog.plans_.front().get(), "order"), *row);
    }
  }
  std::vector<SagaId> start_held(std::size_t count) {
    adapter.holding = true;
    std::vector<SagaId> sagas;
    for (std::size_t i = 0; i < count; ++i) sagas.push_back(start("key-" + std::to_string(i)).saga);
    adapter.await_held(count);
    return sagas;
  }

  std::string url;
  std::unique_ptr<postgres::PostgresStore> store;
};

TEST_F(EngineOnPostgres, SagasThatWereUnderWayWhenItStoppedAreFinishedByItsSuccessor) {
  const std::vector<SagaId> sagas = start_held(50);
  engine->stop(Millis(0));
  adapter.holding = false;

  reopen();

  expect_completed(sagas);
  EXPECT_EQ(start("key-7").status, StartStatus::same);
}

TEST_F(EngineOnPostgres, AServerThatDiesIsNeverPaperedOverAndEverythingGoesOnWhenItIsBack) {
  const std::vector<SagaId> sagas = start_held(20);

  postgres_server().crash();
  EXPECT_EQ(start("while it is down").status, StartStatus::unavailable);
  adapter.holding = false;
  adapter.release();
  EXPECT_EQ(start("while it is down").status, StartStatus::unavailable);
  postgres_server().start();

  expect_completed(sagas);
  EXPECT_FALSE(engine->fenced());
}

TEST_F(EngineOnPostgres, OneStartAmong500ThatTheDatabaseCannotHoldIsRefusedAndTheOthersAreKept) {
  constexpr std::size_t count = 500, poison = 321;
  std::vector<std::promise<StartReply>> heard(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::string key = "key-" + std::to_string(i);
    if (i == poison) key.push_back('\0');
    engine->start({0, catalog.plans_.front(), key, "h", R"({"id":1})", {}},
                  [&heard, i](const StartReply& reply) { heard[i].set_value(reply); });
  }

  std::vector<SagaId> good;
  for (std::size_t i = 0; i < count; ++i) {
    const StartReply reply = heard[i].get_future().get();
    EXPECT_EQ(reply.status, i == poison ? StartStatus::invalid : StartStatus::created) << i;
    if (i != poison) good.push_back(reply.saga);
  }
  expect_completed(good);
}

}  // namespace
}  // namespace amends::engine
