// The engine over the embedded store, with its real threads and a real disk.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "engine/journal/saga.hpp"
#include "engine/runtime/saga_row.hpp"
#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

struct EngineOnSqlite : testing::Test, EngineParts {
  void SetUp() override {
    char name[] = "/tmp/amends-engine-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir = name;
    reopen();
  }
  void TearDown() override {
    engine.reset();
    store.reset();
    std::filesystem::remove_all(dir);
  }
  void reopen() {
    engine.reset();
    store.reset();
    auto opened = sqlite::SqliteStore::open(dir);
    ASSERT_NE(opened.store, nullptr) << opened.error;
    store = std::move(opened.store);
    open(*store);
  }

  std::filesystem::path dir;
  std::unique_ptr<sqlite::SqliteStore> store;
};

TEST_F(EngineOnSqlite, SagasThatWereUnderWayWhenItStoppedAreFinishedByItsSuccessor) {
  constexpr std::size_t count = 50;
  adapter.holding = true;
  std::vector<SagaId> sagas;
  for (std::size_t i = 0; i < count; ++i) sagas.push_back(start("key-" + std::to_string(i)).saga);
  adapter.await_held(count);
  adapter.release();
  adapter.await_held(1);
  engine->stop(Millis(0));
  adapter.holding = false;

  reopen();

  for (std::size_t i = 0; i < count; ++i) {
    wait(sagas[i]);
    const auto row = store->find_saga(sagas[i]);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->state, "completed");
    FoldedSaga folded;
    folded.saga.id = sagas[i];
    for (const JournalRow& entry : store->read_journal(sagas[i], 0, 100))
      fold_row(folded, entry.seq, entry.at, entry.body);
    EXPECT_EQ(folded.error, "");
    EXPECT_EQ(saga_row(folded.saga, catalog.plans_.front().get(), "order"), *row);
    EXPECT_EQ(start("key-" + std::to_string(i)).status, StartStatus::same);
  }
  std::map<std::string, std::string> bodies;
  for (const Attempt& attempt : adapter.sent) {
    const auto [it, fresh] = bodies.emplace(attempt.key, attempt.request->body);
    EXPECT_EQ(it->second, attempt.request->body);
  }
  EXPECT_EQ(bodies.size(), 3 * count);
}

}  // namespace
}  // namespace amends::engine
