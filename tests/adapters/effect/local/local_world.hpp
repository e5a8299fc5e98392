// An adapter with played functions behind it: a function's body says what it does.
#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "adapters/effect/local/local_adapter.hpp"
#include "tests/support/waiting_sink.hpp"

namespace amends::effect_local {

using engine::Direction;
using engine::Millis;
using engine::Outcome;

// Stands still unless the test moves it, so that a slow machine makes nobody late.
struct MovedClock : engine::Clock {
  engine::WallTime wall() const override { return engine::WallTime(engine::Micros(1'000'000 + at.load())); }
  engine::Elapsed elapsed() const override { return engine::Elapsed(at.load()); }
  void pass(engine::Micros time) { at += time.count(); }
  std::atomic<std::int64_t> at{0};
};

// "quick" returns; anything else hangs until the test lets it go.
struct PlayedFunctions : engine::LocalFunctions {
  engine::Reply call(const engine::Attempt& attempt) const override {
    const std::string what = attempt.request->body;
    std::unique_lock lock(mutex);
    ++begun;
    most = std::max(most, ++at_work);
    changed.notify_all();
    changed.wait(lock, [&] { return what == "quick" || let_go.contains(what); });
    --at_work;
    ++ended;
    changed.notify_all();
    engine::Reply reply;
    reply.outcome = Outcome::done;
    reply.result = "\"" + what + "\"";
    return reply;
  }
  void release(const std::string& what) {
    const std::lock_guard lock(mutex);
    let_go.insert(what);
    changed.notify_all();
  }
  void await_begun(std::size_t count) const {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return begun >= count; }));
  }
  std::size_t count_begun() const {
    const std::lock_guard lock(mutex);
    return begun;
  }
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  mutable std::size_t begun = 0, ended = 0, at_work = 0, most = 0;
  std::set<std::string> let_go;
};

using testing_support::WaitingSink;

struct LocalWorld {
  explicit LocalWorld(LocalOptions options) {
    options.look_every = Millis(1);
    adapter = std::make_unique<LocalAdapter>(options, clock, functions);
  }
  // A function that was given up still refers to the functions and the clock.
  ~LocalWorld() {
    for (const char* one : {"hang", "other"}) functions.release(one);
    adapter.reset();
    std::unique_lock lock(functions.mutex);
    functions.changed.wait(lock, [&] { return functions.at_work == 0; });
  }

  engine::Attempt attempt(const std::string& body, std::uint64_t saga, Direction direction = Direction::run) {
    engine::Attempt out;
    out.saga = engine::SagaId::make(engine::WallTime{}, 0, saga);
    out.direction = direction;
    out.step_name = "step";
    out.key = out.saga.text() + "/step/run/1";
    out.request = std::make_shared<engine::Request>(engine::Request{"local", "pool", body});
    out.timeout = Millis(1'000);
    return out;
  }
  void submit(std::vector<engine::Attempt> attempts) { adapter->submit(std::move(attempts), sink); }
  void submit(const std::string& body, std::uint64_t saga, Direction direction = Direction::run) {
    std::vector<engine::Attempt> one;
    one.push_back(attempt(body, saga, direction));
    submit(std::move(one));
  }
  engine::Reply reply_of(std::size_t answer) { return sink.wait(answer + 1).at(answer).reply; }

  MovedClock clock;
  PlayedFunctions functions;
  WaitingSink sink;
  std::unique_ptr<LocalAdapter> adapter;
};

}  // namespace amends::effect_local
