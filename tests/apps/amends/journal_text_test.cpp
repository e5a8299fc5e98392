// A journal's entries as a person reads them. The entries are those that a journal holds, as its view has
// them.
#include "apps/amends/journal_text.hpp"

#include <gtest/gtest.h>

#include "apps/amends/output.hpp"
#include "engine/journal/entry.hpp"
#include "engine/service/view.hpp"

namespace amends::cli {
namespace {

using engine::Direction;
using engine::from_micros;
using engine::Outcome;
using engine::SagaState;
using engine::StepState;
using engine::Verb;

const Json graph = Json::parse(R"({"steps": [{"name": "reserve"}, {"name": "charge"}]})");
const engine::WallTime noon = from_micros(1'764'072'000'000'000);

std::string sentence(engine::Entry entry) {
  engine::JournalRow row;
  row.seq = 1;
  row.body = engine::encode_row({std::move(entry)});
  const Json view = engine::journal_view({row}, graph);
  const Json& one = view["rows"][0]["entries"][0];
  const std::string step = entry_step(one);
  return (step.empty() ? "" : step + " | ") + entry_sentence(one);
}

engine::OutcomeEntry outcome(Outcome what, StepState to) {
  engine::OutcomeEntry out;
  out.step = 1;
  out.number = 2;
  out.outcome = what;
  out.to = to;
  if (what == Outcome::done) out.result = "1";
  return out;
}

TEST(JournalText, SaysWhatBegan) {
  EXPECT_EQ(sentence(engine::StartedEntry{"order@1", "shape", 2, noon, "o-1", "{}"}),
            "started order@1, 2 steps, under the key o-1");
  const auto request = std::make_shared<const engine::Request>(engine::Request{"http", "bank", "{}"});
  EXPECT_EQ(sentence(engine::PreparedEntry{1, Direction::run, 2, request, {}}),
            "charge | its request to 'bank' is fixed, in revision 2");
  EXPECT_EQ(sentence(engine::AttemptEntry{0, Direction::undo, 3, noon, noon + engine::Micros(5'000'000)}),
            "undo of reserve | attempt 3, good until 12:00:05.000000Z");
}

TEST(JournalText, SaysWhatAnAttemptCameTo) {
  EXPECT_EQ(sentence(outcome(Outcome::done, StepState::succeeded)), "charge | attempt 2: done");
  auto entry = outcome(Outcome::rejected, StepState::rejected);
  entry.error_class = "http_402";
  entry.error = "declined";
  EXPECT_EQ(sentence(entry), "charge | attempt 2: rejected: declined (http_402)");
  entry = outcome(Outcome::unknown, StepState::backing_off);
  entry.error_class = "timeout";
  entry.error = "no answer within 5 s";
  entry.wake_at = noon;
  EXPECT_EQ(sentence(entry),
            "charge | attempt 2: unknown, it may have happened: no answer within 5 s (timeout); again at "
            "12:00:00.000000Z");
  entry = outcome(Outcome::transient, StepState::backing_off);
  entry.counted = false;
  EXPECT_EQ(sentence(entry), "charge | attempt 2: transient, it did not happen; it does not count");
  entry = outcome(Outcome::done, StepState::undo_empty);
  entry.direction = Direction::undo;
  EXPECT_EQ(sentence(entry), "undo of charge | attempt 2: done, there was nothing to take back");
  EXPECT_EQ(sentence(engine::LateEntry{0, Direction::run, 1, Outcome::done, ""}),
            "reserve | a late reply to attempt 1: done; not used");
}

TEST(JournalText, SaysWhatPeopleDidAndWhatBecameOfTheSaga) {
  EXPECT_EQ(
      sentence(engine::CommandEntry{"c", Verb::skip, "ann", "by phone", "accepted", 0, Direction::undo}),
      "undo of reserve | skip by ann: by phone; accepted");
  EXPECT_EQ(sentence(engine::StepEntry{1, StepState::skipped, {}, "skipped", "by phone", true}),
            "charge | now skipped: by phone (skipped); an earlier attempt may still have happened");
  EXPECT_EQ(sentence(engine::AgainEntry{1, Direction::run, 2}),
            "charge | is tried anew with a full count of attempts, under revision 2 of its key");
  EXPECT_EQ(sentence(engine::SagaEntry{SagaState::compensating, 1, "http_402", "declined"}),
            "charge | the saga is compensating: declined (http_402)");
  EXPECT_EQ(sentence(engine::SagaEntry{SagaState::completed, {}, "", ""}), "the saga is completed");
}

TEST(JournalText, ShowsAKindThatItDoesNotKnow) {
  EXPECT_EQ(entry_sentence({{"e", "slept"}, {"until", "noon"}, {"n", 1}}), "slept  n=1  until=noon");
}

TEST(JournalText, LetsNothingSteerTheTerminal) {
  const std::string hostile = "\x1b[2J\n";
  for (const char* kind :
       {"started", "prepared", "attempt", "done", "late", "step", "again", "saga", "command", "other"}) {
    Json entry{{"e", kind}};
    for (const char* member : {"step", "plan", "key", "endpoint", "until", "n", "to", "class", "error",
                               "wake", "o", "rev", "verb", "actor", "reason", "answer"})
      entry[member] = hostile;
    const std::string all = entry_step(entry) + entry_sentence(entry);
    EXPECT_EQ(all.find_first_of("\x1b\n"), std::string::npos) << kind;
  }
}

TEST(NumberOf, IsNothingButAWholeNumberThatCanBeReckonedWith) {
  const Json object =
      Json::parse(R"({"a": 7, "b": 1e106, "c": "7", "d": 18446744073709551615, "e": -3, "f": null})");

  EXPECT_EQ(number_of(object, "a"), 7);
  EXPECT_EQ(number_of(object, "e"), -3);
  for (const char* member : {"b", "c", "d", "f", "g"}) EXPECT_EQ(number_of(object, member), 0) << member;
  EXPECT_EQ(number_of(Json(3), "a"), 0);
}

}  // namespace
}  // namespace amends::cli
