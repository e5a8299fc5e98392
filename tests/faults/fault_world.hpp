// A whole engine on a PostgreSQL behind a proxy, and what must hold whatever happens to either.
#pragma once
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>

#include "adapters/store/postgres/grants.hpp"
#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/postgres/schema.hpp"
#include "engine/journal/saga.hpp"
#include "engine/runtime/saga_row.hpp"
#include "tests/engine/runtime/engine_world.hpp"
#include "tests/support/fault_proxy.hpp"
#include "tests/support/postgres.hpp"

namespace amends::engine {

using testing_support::FaultAction;
using testing_support::FaultPoint;
using testing_support::FaultProxy;
using testing_support::PostgresServer;
using testing_support::PostgresSession;

class FaultWorld : public EngineParts {
 public:
  // Limits are short, so that what is stopped is taken for dead within the test's patience.
  explicit FaultWorld(PostgresServer& on) : server(on), proxy(on.socket()) {
    static int databases = 0;
    database = "f" + std::to_string(++databases);
    role = "role_" + database;
    server.create_database(database);
    EXPECT_EQ(postgres::migrate(server.url(database)).error, "");
    ask("create role " + role + " login");
    ask(postgres::grants(role, role));
    auto opened = postgres::PostgresStore::open(proxy.url(database, role) + "?connect_timeout=2",
                                                {.read_only = false,
                                                 .write_limit = std::chrono::seconds(20),
                                                 .read_limit = std::chrono::seconds(4),
                                                 .answer_limit = std::chrono::milliseconds(400)});
    EXPECT_NE(opened.store, nullptr) << opened.error;
    store = std::move(opened.store);
    EngineParts::open(*store);
  }
  ~FaultWorld() { engine.reset(); }

  std::string ask(const std::string& sql) { return PostgresSession(server.url(database)).ask(sql); }
  // Every session of the engine's role, as an administrator or a failing proxy would.
  void terminate() {
    ask("select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where usename = '" + role + "'");
  }

  void start_held(std::size_t count) {
    adapter.holding = true;
    for (std::size_t i = 0; i < count; ++i) must_start("held-" + std::to_string(i));
    adapter.await_held(count);
  }
  void let_go() {
    adapter.holding = false;
    adapter.release();
  }
  void must_start(const std::string& key) {
    const StartReply reply = start(key);
    ASSERT_EQ(reply.status, StartStatus::created) << key << ": " << reply.sentence;
    acknowledged[key] = reply.saga;
  }
  // As a client does it: the same key again until it is taken. The time is a bound, not a wait.
  void start_until_taken(const std::string& key) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < until) {
      const StartReply reply = start(key);
      if (reply.status == StartStatus::created || reply.status == StartStatus::same) {
        acknowledged[key] = reply.saga;
        return;
      }
      // disk_full is what a store without room says.
      ASSERT_TRUE(reply.status == StartStatus::unavailable || reply.status == StartStatus::disk_full)
          << static_cast<int>(reply.status) << ' ' << reply.sentence;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    FAIL() << key << " is not taken: " << engine_said();
  }
  std::string engine_said() const { return observer.said(); }

  // Everything acknowledged came to its end, under its key, once; nothing else is there; rows say what
  // journals say; no attempt went out twice.
  void expect_nothing_lost_or_doubled() {
    for (const auto& [key, id] : acknowledged) {
      wait(id);
      const auto row = store->find_saga(id);
      ASSERT_TRUE(row) << key << " is lost";
      EXPECT_EQ(row->state, "completed") << key;
      FoldedSaga folded;
      folded.saga.id = id;
      for (const JournalRow& entry : store->read_journal(id, 0, 100))
        fold_row(folded, entry.seq, entry.at, entry.body);
      EXPECT_EQ(folded.error, "");
      EXPECT_EQ(saga_row(folded.saga, catalog.plans_.front().get(), "order"), *row);
    }
    EXPECT_EQ(ask("select count(*) from amends.saga"), std::to_string(acknowledged.size()));
    EXPECT_FALSE(engine->fenced());
    engine->stop(Millis(0));
    std::set<std::tuple<SagaId, StepIndex, int, std::uint32_t>> seen;
    for (const Attempt& one : adapter.sent) {
      EXPECT_TRUE(seen.emplace(one.saga, one.step, static_cast<int>(one.direction), one.number).second)
          << "attempt " << one.number << " of saga " << one.saga.text() << " was sent twice";
    }
  }

  PostgresServer& server;
  FaultProxy proxy;
  std::string database, role;
  std::unique_ptr<postgres::PostgresStore> store;
  std::map<std::string, SagaId> acknowledged;
  std::vector<std::unique_ptr<PostgresSession>> crowd;  // other clients of the server
};

}  // namespace amends::engine
