// A whole engine without a thread: its loop and its writer take turns, and the clock moves when neither has
// anything to do.
#pragma once
#include <gtest/gtest.h>

#include "adapters/store/memory/memory_store.hpp"
#include "engine/runtime/entrance.hpp"
#include "engine/runtime/loop.hpp"
#include "engine/runtime/plan_admission.hpp"
#include "engine/runtime/store_writer.hpp"
#include "tests/engine/runtime/engine_world.hpp"
#include "tests/engine/runtime/shard_driver.hpp"

namespace amends::engine {

struct SteppedClock : Clock {
  WallTime wall() const override { return from_micros(1'700'000'000'000'000) + now; }
  Elapsed elapsed() const override { return Elapsed(1'000'000) + now; }
  Micros now{};
};

// Asks the author within submit().
struct PromptPreparer : PrepareQueue {
  PromptPreparer(const Preparer& whom, FindFacts facts, Inbox& to) : preparer(whom), find(facts), inbox(to) {}
  void submit(std::vector<PrepareJob> jobs) override {
    std::vector<PrepareResult> results;
    for (const PrepareJob& job : jobs) results.push_back(result_of(job, ask_author(preparer, job), find));
    inbox.put(&InboxItems::prepared, results);
  }
  void tend() override {}
  bool busy() const override { return false; }

  const Preparer& preparer;
  const FindFacts find;
  Inbox& inbox;
};

struct JobList : WriterQueue {
  void post(WriterJob job) override { jobs.push_back(std::move(job)); }
  std::deque<WriterJob> jobs;
};

// Answers within submit(): the first `failures` attempts in vain.
struct PromptAdapter : EffectAdapter {
  std::string_view name() const override { return "played"; }
  const EndpointFacts* find_endpoint(std::string_view endpoint) const override {
    return endpoint == "participant" ? &facts : nullptr;
  }
  void submit(std::vector<Attempt> attempts, ReplySink& sink) override {
    std::vector<Answered> answers;
    for (const Attempt& a : attempts) {
      Reply reply;
      reply.outcome = failures > 0 ? Outcome::transient : Outcome::done;
      failures -= failures > 0;
      if (reply.outcome == Outcome::done) reply.result = R"({"id":7})";
      answers.push_back({a.saga, a.step, a.direction, a.number, std::move(reply)});
      ++sent;
    }
    sink.deliver(std::move(answers));
  }
  void stop(Millis) override {}
  std::size_t in_flight() const override { return 0; }

  EndpointFacts facts{Idempotency::barrier, Millis(0)};
  int failures = 0;
  int sent = 0;
};

struct LoopWorld {
  explicit LoopWorld(ShardId shards = 1) : tables(std::make_shared<memory::Tables>(shards)), store(tables) {
    const Writer taken = *store.take_over("one", clock.wall()).writer;
    plans = admit_plans(catalog, find_facts_in({&adapter}), store);
    LoopOptions options;
    options.shard.shared = store.shared() != nullptr;
    loop = std::make_unique<Loop>(
        options,
        LoopParts{clock, entropy, catalog, {&adapter}, observer, lease, inbox, standing, jobs, prepares},
        plans.plans);
    loop->begin(taken);
  }

  // The loop once, the writer once; then time passes, unless one of them has more to do at once.
  void step() {
    InboxItems items;
    inbox.take_now(items);
    quiet = items.empty();
    loop->turn(items, loop->time());
    if (clock.now >= writer_after) writer_step();
    if (!inbox.is_empty()) return;
    Micros next = clock.now + loop->wait_limit(loop->time()).value_or(Millis(1'000));
    if (!jobs.jobs.empty() || writer.has_work()) next = std::min(next, writer_after);
    clock.now = std::max(clock.now, next);
  }
  void writer_step() {
    Millis pause{};
    if (!jobs.jobs.empty() && writer.takes_job()) {
      const WriterJob job = std::move(jobs.jobs.front());
      jobs.jobs.pop_front();
      pause = writer.begin(job);
    } else {
      pause = writer.go_on();
    }
    writer_after = clock.now + pause;
  }
  template <typename Done>
  void run_until(Done done) {
    for (int steps = 0; !done(); ++steps) {
      ASSERT_LT(steps, 10'000) << "it never comes to that";
      step();
    }
  }
  SagaId start() {
    run_until([this] { return loop->opened(); });
    std::optional<StartReply> heard;
    entrance.start({0, catalog.plans_.front(), "", "h", R"({"id":1})", {}},
                   [&heard](const StartReply& reply) { heard = reply; });
    run_until([&heard] { return heard.has_value(); });
    EXPECT_EQ(heard->status, StartStatus::created);
    return heard->saga;
  }
  std::optional<WaitOutcome> wait(const SagaId& saga) {
    std::optional<WaitOutcome> heard;
    entrance.wait(saga, clock.elapsed() + std::chrono::hours(1),
                  [&heard](WaitOutcome outcome) { heard = outcome; });
    run_until([&heard] { return heard.has_value(); });
    return heard;
  }

  SteppedClock clock;
  CountingEntropy entropy;
  OneCatalog catalog{{order_plan()}};
  PlayedPreparer preparer;
  PromptAdapter adapter;
  QuietObserver observer;
  std::shared_ptr<memory::Tables> tables;
  memory::MemoryStore store;
  Lease lease{clock};
  Inbox inbox;
  Standing standing;
  Entrance entrance{inbox, standing, 100};
  JobList jobs;
  PromptPreparer prepares{preparer, find_facts_in({&adapter}), inbox};
  StoreWriter writer{"one", clock, store, lease, [this](WriterReport what) { inbox.report(what); }};
  Micros writer_after{};
  bool quiet = false;
  AdmittedPlans plans;
  std::unique_ptr<Loop> loop;
};

}  // namespace amends::engine
