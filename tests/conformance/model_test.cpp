// Any sequence of flushes, take-overs, retirements and purges leaves what a simple model says.
#include <rapidcheck.h>

#include <atomic>
#include <thread>

#include "engine/ports/retention.hpp"
#include "tests/conformance/model.hpp"
#include "tests/conformance/suite.hpp"

namespace amends::engine {
namespace {

constexpr int sagas_max = 24;
const std::vector<std::string> states = {"running",   "compensating", "needs_operator",
                                         "completed", "compensated",  "abandoned"};

// 0 to `below` - 1, each as likely from the first case on: RapidCheck would begin with the smallest only.
int draw(int below) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, below));
}

Batch draw_batch(const Model& model) {
  Batch batch;
  std::vector<int> started;
  for (const auto& saga : model.sagas) {
    for (int n = 0; n < sagas_max; ++n) {
      if (id_of(n) == saga.row.id) started.push_back(n);
    }
  }
  // Mostly of what is there, so that most flushes are good.
  const auto draw_known = [&] {
    return started.empty() || draw(12) == 0 ? draw(sagas_max)
                                            : started[draw(static_cast<int>(started.size()))];
  };
  for (int i = draw(4); i > 0; --i) {
    const int n = draw(sagas_max);
    NewSaga start = draw(2) == 0 ? start_of(n)
                                 : keyed_start_of(n, "k" + std::to_string(draw(20)), std::to_string(draw(3)));
    if (draw(2) == 0) start.tags = {{"t", std::to_string(draw(2))}};
    // The same id twice is refused, which another test holds; a store may say so before or after it looks at
    // the key.
    if (std::any_of(batch.starts.begin(), batch.starts.end(),
                    [&](const NewSaga& other) { return other.row.id == start.row.id; })) {
      continue;
    }
    batch.starts.push_back(start);
    started.push_back(n);
  }
  for (int i = draw(3); i > 0; --i) {
    const int state = draw(6);
    SagaRow row =
        ended(draw_known(), states[static_cast<std::size_t>(state)], static_cast<std::uint32_t>(draw(9)));
    row.active = state < 3;
    if (draw(2) == 0) row.wake_at = at_second(draw(99));
    batch.updates.push_back(row);
  }
  for (int i = draw(4); i > 0; --i) {
    const int n = draw_known();
    batch.journal.push_back(entry_of(n, static_cast<std::uint32_t>(1 + draw(40)), std::to_string(draw(9))));
  }
  // A journal row needs its saga, here.
  std::erase_if(batch.journal, [&](const JournalRow& row) {
    return std::none_of(started.begin(), started.end(), [&](int n) { return id_of(n) == row.saga; });
  });
  return batch;
}

void expect_like(Store& store, Model& model) {
  std::sort(model.sagas.begin(), model.sagas.end(),
            [](const auto& a, const auto& b) { return a.row.id > b.row.id; });
  std::vector<SagaRow> all, live, waiting;
  for (const auto& saga : model.sagas) {
    all.push_back(saga.row);
    if (saga.row.active && saga.row.wake_at)
      waiting.push_back(saga.row);
    else if (saga.row.active && saga.row.state != "needs_operator")
      live.insert(live.begin(), saga.row);
    RC_ASSERT(store.read_journal(saga.row.id, 0, 1000) == saga.journal);
    RC_ASSERT(store.read_tags(saga.row.id) == saga.tags);
  }
  RC_ASSERT(store.list({}, std::nullopt, 1000).rows == all);
  std::sort(waiting.begin(), waiting.end(), [](const auto& a, const auto& b) {
    return std::tie(*a.wake_at, a.id) < std::tie(*b.wake_at, b.id);
  });
  std::vector<SagaRow> loaded, due;
  for (const auto& saved : store.load_due({{0, from_micros(0), {}}}, at_second(50), 1000)) {
    due.push_back(saved.row);
    RC_ASSERT(saved.journal == model.find(saved.row.id)->journal);
  }
  std::erase_if(waiting, [](const SagaRow& row) { return *row.wake_at > at_second(50); });
  RC_ASSERT(due == waiting);
  for (const auto& saved : store.load_live(0, std::nullopt, 1000)) {
    loaded.push_back(saved.row);
    RC_ASSERT(saved.journal == model.find(saved.row.id)->journal);
  }
  RC_ASSERT(loaded == live);
  for (const auto& state : states) {
    std::vector<SagaRow> of_state;
    std::copy_if(all.begin(), all.end(), std::back_inserter(of_state),
                 [&](const SagaRow& row) { return row.state == state; });
    RC_ASSERT(store.list({.state = state}, std::nullopt, 1000).rows == of_state);
  }
  for (int k = 0; k < 20; ++k) {
    const StartKey key = key_of("k" + std::to_string(k));
    const auto* held = model.find_key(key);
    RC_ASSERT(store.find_start_key("order", key.key) == (held ? std::optional(held->saga) : std::nullopt));
  }
}

void retire_all(Retention& retention, WallTime ended_before) {
  for (std::optional<SagaId> after;;) {
    const EndedPage page = retention.find_ended(0, after, ended_before, 3, false);
    std::vector<SagaId> ids;
    for (const EndedSaga& one : page.sagas) ids.push_back(one.row.id);
    RC_ASSERT(retention.retire(ids) == ids.size());
    if (!page.more) return;
    after = page.more;
  }
}

void purge(Retention& retention, Model& model, WallTime ended_before) {
  retention.forget_keys(at_second(2000), ended_before, 1000);
  model.purge(at_second(2000), ended_before);
}

class ModelTest : public StoreTest {};
AMENDS_FOR_EVERY_STORE(ModelTest);

TEST_P(ModelTest, AnySequenceOfFlushesEqualsTheModel) {
  const bool held = rc::check("any sequence of flushes equals the model", [&] {
    SetUp();
    Model model;
    for (int step = draw(12); step > 0; --step) {
      switch (draw(9)) {
        case 0:
          store = open();
          RC_ASSERT(last.commit_seq == model.commit_seq);
          break;
        case 1: purge(*store->retention(), model, at_second(draw(sagas_max + 2))); break;
        case 2: {
          const WallTime ended_before = at_second(draw(sagas_max + 2));
          retire_all(*store->retention(), ended_before);
          model.retire(ended_before);
          break;
        }
        default: {
          const Batch batch = draw_batch(model);
          const CommitResult expected = model.commit(batch, last.epoch);
          const CommitResult result = store->commit(batch);
          RC_ASSERT(result.status == expected.status);
          RC_ASSERT(result.error_class == expected.error_class);
          RC_ASSERT(result.taken.size() == expected.taken.size());
          for (std::size_t i = 0; i < result.taken.size(); ++i) {
            RC_ASSERT(result.taken[i].start == expected.taken[i].start);
            RC_ASSERT(result.taken[i].saga == expected.taken[i].saga);
            RC_ASSERT(result.taken[i].body_hash == expected.taken[i].body_hash);
          }
        }
      }
    }
    expect_like(*store, model);
    store = open();
    expect_like(*store, model);
  });
  EXPECT_TRUE(held);
}

TEST_P(ModelTest, ReadersOnOtherThreadsSeeWholeFlushesOnly) {
  std::atomic<bool> is_over{false};
  std::atomic<int> reads{0}, torn{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 6; ++i) {
    readers.emplace_back([&] {
      while (!is_over) {
        const auto page = store->list({}, std::nullopt, 999);  // three rows a flush
        if (page.rows.size() % 3 != 0) ++torn;
        if (!page.rows.empty() && store->read_journal(page.rows[0].id, 0, 9).size() != 1) ++torn;
        ++reads;
      }
    });
  }
  for (int n = 0; n < 300 || reads < 100; n += 3) {
    ASSERT_LT(n, 300000) << "the readers do not get on";
    Batch batch;
    for (int i = 0; i < 3; ++i) {
      batch.starts.push_back(start_of(n + i));
      batch.journal.push_back(entry_of(n + i, 1));
    }
    must_commit(batch);
  }
  is_over = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace amends::engine
