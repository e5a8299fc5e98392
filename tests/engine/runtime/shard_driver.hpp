// Drives a shard by hand: one thread, a store whose commits are scripted, a clock that the test moves.
#pragma once
#include <gtest/gtest.h>

#include "engine/journal/saga.hpp"
#include "engine/runtime/saga_row.hpp"
#include "engine/runtime/shard.hpp"
#include "tests/engine/runtime/order_plan.hpp"
#include "tests/engine/runtime/scripted_store.hpp"

namespace amends::engine {

struct CountingEntropy : Entropy {
  std::uint64_t next = 1;
  std::uint64_t draw() override { return next += 0x9e3779b97f4a7c15; }
};

struct QuietObserver : Observer {
  void note(Severity, std::string_view sentence) override { said.emplace_back(sentence); }
  void parked(const ParkedSaga& saga) override { parked_sagas.push_back(saga); }
  std::vector<std::string> said;
  std::vector<ParkedSaga> parked_sagas;
};

struct ShardDriver {
  explicit ShardDriver(std::vector<PlanPtr> plans = {order_plan()}, ShardOptions options = {})
      : plan(order_plan()) {
    shard = std::make_unique<Shard>(options, std::move(plans), entropy, observer);
    shard->adopt(*store.take_over("test", now.wall).writer);
    reload();
  }

  // ---- inputs
  Token start(std::string key = "", std::string hash = "h", std::string input = R"({"id":1})") {
    shard->start({++token, plan, std::move(key), std::move(hash), std::move(input), {}}, now);
    collect();
    return token;
  }
  void prepare_all() {
    for (const PrepareJob& job : std::exchange(out.prepares, {})) {
      PreparedEvent event{job.leg.step, job.leg.direction, nullptr, facts, {}};
      event.request = std::make_shared<const Request>(Request{"http", "participant", R"({"n":1})"});
      shard->prepared({job.saga, std::move(event), job.life}, now);
    }
    collect();
  }
  void answer(const Attempt& attempt, Reply reply) {
    shard->replied({attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)}, now);
    collect();
  }
  Reply done(std::string result = R"({"id":7})") const {
    Reply reply;
    reply.outcome = Outcome::done;
    reply.result = std::move(result);
    return reply;
  }
  Reply failed(Outcome outcome) const {
    Reply reply;
    reply.outcome = outcome;
    reply.error_class = "test";
    return reply;
  }
  Token abandon(const SagaId& saga, std::string reason) {
    return command(saga, Verb::abandon, "", std::move(reason));
  }
  Token command(const SagaId& saga, Verb verb, std::string step = "", std::string reason = "because") {
    CommandEvent event;
    event.command_id = "c" + std::to_string(++token);
    event.verb = verb;
    event.actor = "ann";
    event.reason = std::move(reason);
    event.step = std::move(step);
    shard->command({token, saga, std::move(event)}, now);
    collect();
    return token;
  }
  void pass(Micros time) {
    now.wall += time;
    now.elapsed += time;
    shard->wake(now);
    collect();
  }

  // ---- flushes
  // Commits one batch; false when there was none.
  bool flush() {
    const Batch* batch = shard->take_batch(now);
    if (!batch) return false;
    shard->committed(store.commit(*batch), now);
    collect();
    return true;
  }
  void flush_all() {
    while (flush()) {
    }
  }
  // What the writer thread does after a commit in doubt.
  void resolve() {
    const auto doubtful = shard->doubtful_starts();
    const Opened opened = store.take_over("test", now.wall);
    std::vector<SagaId> present;
    for (const SagaId& id : doubtful)
      if (store.find_saga(id)) present.push_back(id);
    shard->resolved(*opened.writer, present, now);
    collect();
    reload();
  }
  void reload() {
    std::optional<SagaId> after;
    while (true) {
      auto page = store.load_live(0, after, 2);
      if (page.empty()) break;
      after = page.back().row.id;
      shard->recover(std::move(page), now);
    }
    read_due(from_micros(0), shard->horizon(now));
    shard->recovered();
    collect();
  }
  // As another process would after a crash.
  void reload_anew(ShardOptions options = {}) {
    shard = std::make_unique<Shard>(options, std::vector<PlanPtr>{plan}, entropy, observer);
    shard->adopt(*store.take_over("test", now.wall).writer);
    reload();
  }
  void read_due(WallTime from, WallTime until) {
    DueAfter after{0, from, {}};
    while (true) {
      auto page = store.load_due({after}, until, 2);
      if (page.empty()) break;
      after = {0, *page.back().row.wake_at, page.back().row.id};
      shard->recover(std::move(page), now);
    }
  }
  // What the engine's loop does every turn, and the writer thread for it.
  void look() {
    if (const auto look = shard->take_look(now)) {
      read_due(look->from, look->until);
      shard->looked();
    }
    collect();
  }
  void read_back() {
    for (const SagaId& saga : std::exchange(out.reloads, {})) {
      SavedSaga saved;
      saved.row.id = saga;
      for (SavedSaga& found : store.load_sagas({saga})) saved = std::move(found);
      shard->reloaded(std::move(saved), now);
    }
    collect();
  }
  // Answers everything with done until nothing moves.
  void run_to_end() {
    for (bool moved = true; moved;) {
      prepare_all();
      moved = flush();
      for (const Attempt& attempt : std::exchange(out.attempts, {})) {
        answer(attempt, done());
        moved = true;
      }
    }
  }
  Attempt only_attempt() {
    EXPECT_EQ(out.attempts.size(), 1u);
    Attempt attempt = out.attempts.at(0);
    out.attempts.clear();
    return attempt;
  }
  // Started, flushed, its first attempt handed out.
  Attempt begin(std::string key = "") {
    start(std::move(key));
    prepare_all();
    EXPECT_TRUE(flush());
    return only_attempt();
  }

  const StartReply& last_start() const { return out.starts.back(); }
  void collect() {
    Outputs fresh = shard->take_outputs();
    const auto append = [](auto& to, auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(out.prepares, fresh.prepares);
    append(out.attempts, fresh.attempts);
    append(out.starts, fresh.starts);
    append(out.commands, fresh.commands);
    append(out.rested, fresh.rested);
    append(out.reloads, fresh.reloads);
  }
  // The saga row that is stored is the fold of the journal at its seq.
  void expect_rows_are_folds() {
    for (const auto& [id, row] : store.sagas) {
      FoldedSaga folded;
      folded.saga.id = id;
      for (const JournalRow& entry : store.journal[id])
        if (entry.seq <= row.seq) fold_row(folded, entry.seq, entry.at, entry.body);
      ASSERT_EQ(folded.error, "");
      ASSERT_EQ(folded.saga.seq, row.seq);
      EXPECT_EQ(saga_row(folded.saga, plan.get(), "order"), row);
    }
  }

  PlanPtr plan;
  EndpointFacts facts{Idempotency::barrier, Millis(0)};
  ScriptedStore store;
  CountingEntropy entropy;
  QuietObserver observer;
  Now now{from_micros(1'700'000'000'000'000), Elapsed(1'000'000)};
  Token token = 0;
  Outputs out;
  std::unique_ptr<Shard> shard;
};

}  // namespace amends::engine
