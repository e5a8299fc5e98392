// A shard of a shared store that is driven by hand: it comes, is given away, and comes again.
#pragma once
#include <gtest/gtest.h>

#include "adapters/store/memory/memory_store.hpp"
#include "tests/engine/runtime/shard_driver.hpp"

namespace amends::engine {
inline constexpr ShardId home = 1;
inline constexpr Millis leave_max{1'000};

struct ShardTenure : testing::Test {
  ShardTenure() {
    ShardOptions options;
    options.shared = true;
    options.leave_max = leave_max;
    shard = std::make_unique<Shard>(options, std::vector<PlanPtr>{plan}, entropy, observer);
    shard->adopt(*store.take_over("a", now.wall).writer);
    shard->recovered();
  }

  void gain() {
    shard->gained({home});
    std::vector<SagaId> active;
    for (const SagaRow& row : store.list({}, {}, 100).rows)
      if (row.active) active.push_back(row.id);
    shard->recover(store.load_sagas(active), now);
    shard->loaded(home, now);
    collect();
  }
  // Nothing more to wait for: gone from memory.
  void give_away() {
    shard->leave({home}, now);
    ASSERT_EQ(shard->drained(now), std::vector<ShardId>{home});
    shard->drop({home});
    collect();
  }
  void start() {
    shard->start({++token, plan, "", "h", R"({"id":1})", {}}, now);
    collect();
  }
  void prepared(const PrepareJob& job, std::string body) {
    PreparedEvent event{job.leg.step, job.leg.direction, nullptr, {Idempotency::barrier, Millis(0)}, {}};
    event.request = std::make_shared<const Request>(Request{"http", "participant", std::move(body)});
    shard->prepared({job.saga, std::move(event), job.life}, now);
    collect();
  }
  PrepareJob only_job() {
    EXPECT_EQ(out.prepares.size(), 1u);
    PrepareJob job = out.prepares.at(0);
    out.prepares.clear();
    return job;
  }
  bool flush() {
    const Batch* batch = shard->take_batch(now);
    if (batch) shard->committed(store.commit(*batch), now);
    collect();
    return batch != nullptr;
  }
  // A saga whose first attempt is under way.
  Attempt begin() {
    start();
    prepared(only_job(), "{}");
    flush();
    Attempt attempt = out.attempts.at(0);
    out = {};
    return attempt;
  }
  void answer(const Attempt& attempt) {
    Reply reply;
    reply.outcome = Outcome::done;
    reply.result = R"({"id":7})";
    shard->replied({attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)}, now);
    collect();
  }
  void cancel(const SagaId& saga) {
    CommandEvent event;
    event.command_id = "c";
    event.verb = Verb::cancel;
    shard->command({++token, saga, std::move(event)}, now);
    collect();
  }
  // A command that came through the store, as its row would.
  CommandCall posted(const SagaId& saga, std::uint64_t n) {
    CommandCall call{++token, saga, {}, Posted{SagaId::make(now.wall, home, n), now.elapsed}};
    call.command.command_id = "c";
    call.command.verb = Verb::cancel;
    store.post_command({call.posted->command, "cancel", saga, now.wall, "{}"});
    return call;
  }
  std::string verdict(const CommandCall& call) {
    const auto done = store.find_done({call.posted->command});
    return done.empty() ? "" : done.front().verdict;
  }
  bool is_drained() { return shard->drained(now) == std::vector<ShardId>{home}; }
  // Its time is over, whatever it waits for.
  void drop() {
    shard->leave({home}, now);
    pass(leave_max);
    shard->drop({home});
    collect();
  }
  void refuse(std::string error_class) {
    ASSERT_TRUE(shard->take_batch(now));
    shard->committed({CommitStatus::refused, {}, std::move(error_class), "no"}, now);
    collect();
  }
  void pass(Micros time) {
    now.wall += time;
    now.elapsed += time;
    shard->wake(now);
    collect();
  }
  void collect() {
    Outputs fresh = shard->take_outputs();
    const auto append = [](auto& to, auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(out.prepares, fresh.prepares);
    append(out.attempts, fresh.attempts);
    append(out.starts, fresh.starts);
    append(out.commands, fresh.commands);
  }

  PlanPtr plan = order_plan();
  std::shared_ptr<memory::Tables> tables = std::make_shared<memory::Tables>(4);
  memory::MemoryStore store{tables};
  CountingEntropy entropy;
  QuietObserver observer;
  Now now{from_micros(1'700'000'000'000'000), Elapsed(1'000'000)};
  Token token = 0;
  Outputs out;
  std::unique_ptr<Shard> shard;
};

}  // namespace amends::engine
