// What a view tells of a saga that operators have had their hands on.
#include <gtest/gtest.h>

#include "engine/journal/entry.hpp"
#include "engine/service/view.hpp"

namespace amends::engine {
namespace {

const Json graph = Json::parse(R"({"steps": [
    {"name": "reserve", "kind": "reversible", "after": [], "undo": {"name": "release"}},
    {"name": "charge", "kind": "pivot", "after": ["reserve"]}]})");

struct StoryTest : testing::Test {
  void row(Entries entries) {
    const auto seq = static_cast<std::uint32_t>(stored.journal.size() + 1);
    JournalRow row;
    row.seq = seq;
    row.at = from_micros(1'000'000 * seq);
    row.body = encode_row(entries);
    stored.journal.push_back(std::move(row));
  }
  void reserve_happened() {
    row({StartedEntry{"order@1", "shape", 2, from_micros(1), "", "{}"}});
    row({AttemptEntry{0, Direction::run, 1, {}, {}}});
    row({OutcomeEntry{0, Direction::run, 1, Outcome::done, StepState::succeeded, true, "1", "", "", {}}});
  }
  void charge_refused() {
    row({AttemptEntry{1, Direction::run, 1, {}, {}}});
    row({OutcomeEntry{1,
                      Direction::run,
                      1,
                      Outcome::rejected,
                      StepState::rejected,
                      true,
                      "",
                      "http_402",
                      "declined",
                      {}},
         SagaEntry{SagaState::compensating, 1, "http_402", "declined"}});
  }
  void release_refused() {
    row({AttemptEntry{0, Direction::undo, 1, {}, {}}});
    row({OutcomeEntry{0,
                      Direction::undo,
                      1,
                      Outcome::rejected,
                      StepState::undo_failed,
                      true,
                      "",
                      "http_422",
                      "no",
                      {}},
         SagaEntry{SagaState::needs_operator, 0, "http_422", "no"}});
  }
  Json view() {
    stored.graph = graph;
    return saga_view(stored);
  }

  StoredSaga stored;
};

TEST_F(StoryTest, AnUndoSaysUntilWhenItWaitsForTheAttemptInDoubt) {
  row({StartedEntry{"order@1", "shape", 2, from_micros(1), "", "{}"}});
  row({AttemptEntry{0, Direction::run, 1, {}, from_micros(9'000'000)}});
  row({OutcomeEntry{0, Direction::run, 1, Outcome::unknown, StepState::backing_off, true, "", "http_500",
                    "no", from_micros(4'000'000)}});
  EXPECT_TRUE(view()["steps"][0].contains("wake_at"));
  EXPECT_FALSE(view()["steps"][0]["undo"].contains("not_before"));

  row({SagaEntry{SagaState::compensating, {}, "cancelled", ""}});

  EXPECT_EQ(view()["steps"][0]["undo"]["not_before"], "1970-01-01T00:00:09.000000Z");
  EXPECT_FALSE(view()["steps"][0].contains("wake_at")) << "its run is not sent again";
}

TEST_F(StoryTest, AFailedUndoIsWhatItIsStuckAtAndNotTheStepThatSucceeded) {
  reserve_happened();
  charge_refused();
  release_refused();

  const Json saga = view();

  EXPECT_EQ(saga["cause"]["undo"], "release");
  EXPECT_EQ(saga["turns"][0]["step"], "charge");
  EXPECT_FALSE(saga["turns"][0].contains("undo"));
  EXPECT_EQ(saga["turns"][1]["undo"], "release");
}

TEST_F(StoryTest, AnUndoThatWasPassedOverNamesWhoDidItAndWhy) {
  reserve_happened();
  charge_refused();
  release_refused();
  row({CommandEntry{"c", Verb::skip, "ada", "released by phone", "accepted", 0, Direction::undo},
       StepEntry{0, StepState::undo_skipped, {}, "skipped", "released by phone", false},
       SagaEntry{SagaState::compensated, {}, "", ""}});

  const Json undo = view()["steps"][0]["undo"];

  EXPECT_EQ(undo["skipped"], true);
  EXPECT_EQ(undo["act"]["actor"], "ada");
  EXPECT_EQ(view()["acts"][0]["undo"], "release");
  EXPECT_FALSE(view()["steps"][0].contains("act")) << "it was about the undo";
}

TEST_F(StoryTest, AStepThatWasPassedOverIsNoSkippedUndo) {
  reserve_happened();
  row({AttemptEntry{1, Direction::run, 1, {}, {}}});
  row({OutcomeEntry{1, Direction::run, 1, Outcome::rejected, StepState::rejected, true, "", "x", "no", {}},
       SagaEntry{SagaState::needs_operator, 1, "x", "no"}});
  row({CommandEntry{"c", Verb::skip, "ada", "paid in cash", "accepted", 1, Direction::run},
       StepEntry{1, StepState::skipped, {}, "skipped", "paid in cash", false},
       SagaEntry{SagaState::completed, {}, "", ""}});

  const Json saga = view();

  EXPECT_EQ(saga["steps"][1]["act"]["reason"], "paid in cash");
  EXPECT_FALSE(saga["steps"][0]["undo"].contains("skipped"));
  EXPECT_FALSE(saga.contains("cause")) << "it completed";
}

TEST_F(StoryTest, ARememberedCancelIsSeenUntilItCounts) {
  reserve_happened();
  row({AttemptEntry{1, Direction::run, 1, {}, {}}});
  row({CommandEntry{"c", Verb::cancel, "ada", "twice", "remembered", {}, Direction::run}});
  EXPECT_EQ(view()["cancel_remembered"], true);
  EXPECT_EQ(view()["acts"][0]["actor"], "ada");

  row({OutcomeEntry{1, Direction::run, 1, Outcome::rejected, StepState::rejected, true, "", "x", "no", {}},
       SagaEntry{SagaState::compensating, 1, "x", "no"}});
  EXPECT_FALSE(view().contains("cancel_remembered"));
}

TEST_F(StoryTest, ASagaWhosePlanIsNotLoadedSaysSoWhateverItsJournalSays) {
  reserve_happened();
  stored.row.state = "needs_operator";
  stored.row.error_class = "definition_missing";

  const Json saga = view();

  EXPECT_EQ(saga["state"], "needs_operator");
  EXPECT_EQ(saga["set_aside"]["shape"], "shape");
  EXPECT_EQ(saga["next"], Json::parse(R"([{"command": "abandon"}])"));
}

TEST_F(StoryTest, WhateverStandsInTheStoreAsItsPlanItIsAView) {
  reserve_happened();
  for (const char* text :
       {"", "7", R"({"steps": 1})", R"({"steps": {"a": 1}})", R"({"steps": [1, [], {"name": 2}]})",
        R"({"steps": [{"name": null, "kind": 3, "undo": {"name": []}}]})"}) {
    stored.graph = Json::parse(text, nullptr, false);

    EXPECT_EQ(saga_view(stored).at("steps").size(), 2u) << text;
    EXPECT_EQ(journal_view(stored.journal, stored.graph).at("rows").size(), 3u) << text;
  }
}

TEST_F(StoryTest, ASagaWithoutAJournalIsDamaged) {
  EXPECT_EQ(view().at("damaged"), "it has no journal");
}

}  // namespace
}  // namespace amends::engine
