// What is found in one saga's rows. tests/properties holds that nothing is found in any good one, and
// tests/apps/amends/verify_test.py does damage to whole stores.
#include "engine/verify/saga_verifier.hpp"

#include <gtest/gtest.h>

#include "engine/runtime/saga_row.hpp"
#include "tests/engine/lifecycle/script.hpp"

namespace amends::engine {
namespace {

// reserve, then charge (the pivot), then ship; each row is written a second after the one before.
struct VerifySaga : testing::Test {
  VerifySaga() : script({reversible("reserve"), pivot("charge", {0}), retriable("ship", {1})}) {
    note([&] { script.start(); });
  }

  template <typename Act>
  void note(Act act) {
    script.pass(Millis(1'000));
    act();
    while (journal.size() < script.rows.size()) {
      const auto seq = static_cast<std::uint32_t>(journal.size() + 1);
      journal.push_back({script.saga.id, seq, script.now, script.rows[seq - 1], 1, seq});
      script.saga.seq = seq;
      script.saga.updated_at = script.now;
    }
  }
  void complete() {
    for (const StepIndex i : {0u, 1u, 2u}) note([&] { script.run(i, Outcome::done); });
  }
  SagaRow row() const { return saga_row(script.saga, &script.plan, script.plan.workflow()); }
  PlanForms plan() const { return PlanForms::of(std::make_shared<const Plan>(script.plan)); }
  SagaVerdict verify(const std::optional<SagaRow>& saga) const { return verify_saga(saga, journal, plan()); }

  static std::vector<FindingKind> kinds(const SagaVerdict& verdict) {
    std::vector<FindingKind> out;
    for (const Finding& finding : verdict.findings) out.push_back(finding.kind);
    return out;
  }
  static std::string said(const SagaVerdict& verdict) {
    std::string out;
    for (const Finding& finding : verdict.findings) out += finding.sentence + "\n";
    return out;
  }
  using Kinds = std::vector<FindingKind>;

  Script script;
  std::vector<JournalRow> journal;
};

TEST_F(VerifySaga, InWhatAnEngineWroteNothingIsFoundAndEverythingIsCounted) {
  complete();

  const SagaVerdict verdict = verify(row());

  EXPECT_EQ(said(verdict), "");
  EXPECT_FALSE(verdict.repaired);
  EXPECT_EQ(verdict.rows, journal.size());
  EXPECT_GT(verdict.entries, verdict.rows);
}

TEST_F(VerifySaga, ARowThatLagsWhileTheSagaRunsIsNoFinding) {
  const SagaRow at_the_start = row();
  note([&] { script.run(0, Outcome::done); });

  EXPECT_EQ(said(verify(at_the_start)), "");
}

TEST_F(VerifySaga, ARowThatLagsBehindItsEndIsOneAndHasARepair) {
  const SagaRow at_the_start = row();
  complete();

  const SagaVerdict verdict = verify(at_the_start);

  EXPECT_EQ(kinds(verdict), Kinds{FindingKind::row_behind});
  EXPECT_EQ(verdict.repaired, row());
}

TEST_F(VerifySaga, ARowThatSleepsThoughTheSagaWentOnIsOneAndHasARepair) {
  SagaRow asleep = row();
  note([&] { script.run(0, Outcome::done); });
  asleep.wake_at = script.now + Micros(1);

  const SagaVerdict verdict = verify(asleep);

  EXPECT_EQ(kinds(verdict), (Kinds{FindingKind::row_differs, FindingKind::sleeps_too_long}));
  EXPECT_EQ(verdict.repaired, row());
}

TEST_F(VerifySaga, ARowThatWouldSleepOnIsOneAndHasARepair) {
  note([&] { script.run(0, Outcome::transient); });
  SagaRow asleep = row();
  ASSERT_TRUE(asleep.wake_at);
  asleep.wake_at = *asleep.wake_at + std::chrono::hours(1);

  const SagaVerdict verdict = verify(asleep);

  EXPECT_EQ(kinds(verdict), Kinds{FindingKind::row_differs});
  EXPECT_EQ(verdict.repaired, row());
}

TEST_F(VerifySaga, AnAttemptBeforeItsTimeIsImpossible) {
  note([&] { script.run(0, Outcome::transient); });
  note([&] {
    script.now = *script.leg(0).wake_at;
    script.ring(0);
  });
  const std::string at = "\"at\":" + std::to_string(to_micros(script.now));
  const std::size_t place = journal.back().body.find(at);
  ASSERT_NE(place, std::string::npos);
  ASSERT_EQ(said(verify(row())), "");

  const WallTime early = script.now - Micros(1);
  journal.back().body.replace(place, at.size(), "\"at\":" + std::to_string(to_micros(early)));
  journal.back().at = early;
  SagaRow its = row();
  its.updated_at = early;

  const SagaVerdict verdict = verify(its);
  ASSERT_FALSE(verdict.findings.empty());
  EXPECT_EQ(verdict.findings[0].kind, FindingKind::impossible_entry);
  EXPECT_EQ(verdict.findings[0].seq, journal.size());
  EXPECT_EQ(verdict.findings[0].sentence,
            "no decision leads to attempt 2 of 'reserve', which is backing_off while the saga is running");
}

TEST_F(VerifySaga, AnUndoThatNothingCalledForIsImpossible) {
  complete();
  journal.push_back({script.saga.id, static_cast<std::uint32_t>(journal.size() + 1), script.now,
                     R"([{"e":"step","s":0,"to":"undone"}])", 1, 99});

  const SagaVerdict verdict = verify(row());

  ASSERT_FALSE(verdict.findings.empty());
  EXPECT_EQ(verdict.findings[0].kind, FindingKind::impossible_entry);
  EXPECT_FALSE(verdict.repaired);
}

TEST_F(VerifySaga, WhatTheStoreDidNotTakeIsKnown) {
  const Leg& leg = script.leg(0);
  ASSERT_TRUE(leg.in_flight);
  const std::string refused = R"("class":"store_refuses_data","error":"it does not take it")";
  const std::string parked = R"([{"e":"unknown","s":0,"n":1,"to":"backing_off",)" + refused +
                             R"(},{"e":"saga","to":"needs_operator","s":0,)" + refused + "}]";
  FoldedSaga folded{script.saga, {}};
  fold_row(folded, folded.saga.seq + 1, script.now, parked);
  ASSERT_EQ(folded.error, "");
  journal.push_back({script.saga.id, folded.saga.seq, script.now, parked, 1, 2});

  EXPECT_EQ(said(verify(saga_row(folded.saga, &script.plan, script.plan.workflow()))), "");
}

TEST_F(VerifySaga, ATimeShorterThanThePlansIsTakenUnlessThePlanNeverChanged) {
  const auto with = [&](Millis timeout) {
    std::vector<Step> steps = script.plan.steps();
    for (Step& step : steps) step.timeout = timeout;
    return std::make_shared<const Plan>(script.plan.workflow(), script.plan.version(),
                                        script.plan.input_type(), steps);
  };

  EXPECT_EQ(said(verify_saga(row(), journal, PlanForms::of(with(Millis(77'000))))), "");
  EXPECT_EQ(kinds(verify_saga(row(), journal, PlanForms::exactly(with(Millis(77'000))))).at(0),
            FindingKind::impossible_entry);
  // Where flushes take long, an attempt has their time on top.
  EXPECT_EQ(said(verify_saga(row(), journal, PlanForms::exactly(with(Millis(77))))), "");
}

TEST_F(VerifySaga, AWritersFlushesGoForwardAndOthersAreCountedApart) {
  complete();
  SagaVerifier verifier([forms = plan()](const std::string&) { return FoundPlan{&forms, {}}; });
  const auto with = [&](std::vector<std::uint32_t> writers, std::vector<std::uint64_t> epochs) {
    verifier.begin(script.saga.id, row());
    for (std::size_t i = 0; i < journal.size(); ++i) {
      journal[i].epoch = epochs[i % epochs.size()];
      verifier.take(journal[i], writers[i % writers.size()]);
    }
    return kinds(verifier.end());
  };
  ASSERT_GE(journal.size(), 3u);

  EXPECT_EQ(with({1}, {5}), Kinds{});
  EXPECT_EQ(with({1, 2}, {9, 3}), Kinds{});
  EXPECT_EQ(with({1}, {9, 3}).at(0), FindingKind::epoch_backwards);
}

TEST_F(VerifySaga, WithoutARowOrWithoutAJournalItIsSaid) {
  complete();
  const SagaVerdict lost = verify(std::nullopt);
  EXPECT_EQ(kinds(lost), Kinds{FindingKind::no_saga});
  EXPECT_EQ(lost.repaired, row());

  journal.clear();
  EXPECT_EQ(kinds(verify(row())), Kinds{FindingKind::no_journal});
}

}  // namespace
}  // namespace amends::engine
