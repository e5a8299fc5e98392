// What a list says of a saga whose row does not follow each attempt.
#include "engine/service/present.hpp"

#include <gtest/gtest.h>

#include "engine/journal/entry.hpp"
#include "tests/engine/runtime/scripted_store.hpp"

namespace amends::engine {
namespace {

const Json graph = Json::parse(
    R"({"steps": [{"name": "reserve", "undo": {"name": "release"}}, {"name": "check"}, {"name": "charge"}]})");

// Counts what is read, because a list must not read much.
struct CountingStore : ScriptedStore {
  std::vector<JournalRow> read_journal(const SagaId& id, std::uint32_t after, std::uint32_t count) override {
    auto out = ScriptedStore::read_journal(id, after, count);
    rows_read += out.size();
    return out;
  }
  std::size_t rows_read = 0;
};

struct PresentTest : testing::Test {
  PresentTest() {
    row.id = SagaId::make(from_micros(0), 0, 1);
    row.state = "running";
    row.seq = 1;
    add({StartedEntry{"order@1", "shape", 3, from_micros(1), "", "{}"}});
  }

  void add(const Entries& entries) {
    JournalRow one;
    one.seq = static_cast<std::uint32_t>(store.journal[row.id].size() + 1);
    one.at = from_micros(one.seq);
    one.body = encode_row(entries);
    store.journal[row.id].push_back(std::move(one));
  }
  void asked(StepIndex step, std::uint32_t number, std::int64_t at) {
    const auto request = std::make_shared<const Request>(Request{"http", "desk", "{}"});
    if (number == 1) add({PreparedEntry{step, Direction::run, 1, request, {}}});
    add({AttemptEntry{step, Direction::run, number, from_micros(at), from_micros(at + 5)}});
  }
  void failed(StepIndex step, std::uint32_t number, std::int64_t again_at) {
    add({OutcomeEntry{step, Direction::run, number, Outcome::unknown, StepState::backing_off, true, "",
                      "http_500", "no", from_micros(again_at)}});
  }
  void succeeded(StepIndex step) {
    add({OutcomeEntry{step, Direction::run, 1, Outcome::done, StepState::succeeded, true, "1", "", "", {}}});
  }
  ListedSaga present() { return at_present(row, store, graph); }

  CountingStore store;
  SagaRow row;
};

TEST_F(PresentTest, AShortWaitIsSeenThoughTheRowIsSilent) {
  asked(0, 1, 10);
  failed(0, 1, 20);

  const ListedSaga listed = present();

  EXPECT_EQ(listed.row.step, "reserve");
  EXPECT_EQ(listed.row.error_class, "http_500");
  EXPECT_EQ(listed.row.wake_at, from_micros(20));
  EXPECT_EQ(listed.asked_since, from_micros(10));
  EXPECT_EQ(listed.endpoint, "desk");
}

TEST_F(PresentTest, AnUndoThatIsAskedGoesByItsOwnName) {
  asked(0, 1, 10);
  succeeded(0);
  add({SagaEntry{SagaState::compensating, 2, "http_402", "declined"}});
  row.state = "compensating";
  const auto request = std::make_shared<const Request>(Request{"http", "desk", "{}"});
  add({PreparedEntry{0, Direction::undo, 1, request, {}}});
  add({AttemptEntry{0, Direction::undo, 1, from_micros(30), from_micros(35)}});

  EXPECT_EQ(present().row.step, "release");
}

TEST_F(PresentTest, AWaitThatIsOverIsNotShownThoughTheRowStillSaysSo) {
  row.step = "reserve";
  row.error_class = "http_500";
  row.wake_at = from_micros(20);
  asked(0, 1, 10);
  succeeded(0);
  asked(2, 1, 30);

  const ListedSaga listed = present();

  EXPECT_EQ(listed.row.step, "charge");
  EXPECT_EQ(listed.row.error_class, "");
  EXPECT_FALSE(listed.row.wake_at);
}

TEST_F(PresentTest, OfTwoLanesTheOneInTroubleIsShown) {
  asked(0, 1, 10);
  asked(1, 1, 11);
  failed(1, 1, 20);

  EXPECT_EQ(present().row.step, "check");
}

TEST_F(PresentTest, AJournalWithoutEndIsReadAtItsEnds) {
  asked(0, 1, 10);
  succeeded(0);
  for (std::uint32_t n = 1; n <= 3'000; ++n) {
    asked(2, n, 1'000 * n);
    if (n < 3'000) failed(2, n, 1'000 * n + 500);
  }

  const ListedSaga listed = present();

  EXPECT_EQ(listed.row.step, "charge");
  EXPECT_EQ(listed.row.error_class, "http_500");
  EXPECT_FALSE(listed.row.wake_at) << "the last attempt is in flight";
  EXPECT_EQ(listed.asked_since, from_micros(1'000));
  EXPECT_LT(store.rows_read, 300u);
}

TEST_F(PresentTest, TheEndIsFoundWhereverItIs) {
  asked(0, 1, 10);
  std::uint32_t n = 1;
  for (; n < 98; ++n) failed(0, n, n), asked(0, n + 1, n);
  for (; n < 600; ++n) {
    failed(0, n, 5'000 + n);
    EXPECT_EQ(present().row.wake_at, from_micros(5'000 + n)) << store.journal[row.id].size() << " rows";
    asked(0, n + 1, n);
    EXPECT_FALSE(present().row.wake_at) << store.journal[row.id].size() << " rows";
  }
}

TEST_F(PresentTest, WhatIsOverOrUnreadableStaysAsItsRowIs) {
  asked(0, 1, 10);
  row.state = "completed";
  EXPECT_EQ(present().row, row);
  EXPECT_EQ(store.rows_read, 0u);
  row.state = "running";
  row.error_class = "definition_missing";
  EXPECT_EQ(present().row, row) << "set aside, it asks nobody";
  row.error_class = "";
  store.journal[row.id][0].body = "[{";
  EXPECT_EQ(present().row, row);
}

}  // namespace
}  // namespace amends::engine
