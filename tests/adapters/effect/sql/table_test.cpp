// The tables of codes, row by row, and the page that shows them.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "adapters/effect/sql/failure.hpp"

namespace amends::sql {
namespace {

using engine::Outcome;

Failure refused(Phase phase, std::string_view code) {
  return {phase, Trouble::refused, std::string(code), "no"};
}

class TableTest : public testing::TestWithParam<Dialect> {
 protected:
  static const std::vector<CodeRow>& rows() {
    return GetParam() == Dialect::postgres ? sqlstate_rows() : sqlite_rows();
  }
};
std::string dialect_name(const testing::TestParamInfo<Dialect>& one) {
  return one.param == Dialect::postgres ? "postgres" : "sqlite";
}
INSTANTIATE_TEST_SUITE_P(, TableTest, testing::Values(Dialect::postgres, Dialect::sqlite), dialect_name);

TEST_P(TableTest, EveryRowDecidesForItsCodeAndNoCodeStandsTwice) {
  std::set<std::string_view> seen;
  for (const CodeRow& row : rows()) {
    EXPECT_TRUE(seen.insert(row.code).second) << row.code;
    const std::string code = std::string(row.code) + (row.code.size() == 2 ? "ZZZ" : "");
    const Judgement judgement = judge(GetParam(), refused(Phase::work, code));
    EXPECT_EQ(judgement.outcome, row.outcome) << code;
    EXPECT_EQ(judgement.is_loud, row.is_loud) << code;
  }
}

TEST_P(TableTest, NoRefusalBeforeTheCommitIsUnknown) {
  for (const CodeRow& row : rows()) {
    EXPECT_NE(row.outcome, Outcome::unknown) << row.code;
    EXPECT_NE(row.outcome, Outcome::done) << row.code;
    // Outside of its own statements nothing is a business answer.
    for (const Phase phase : {Phase::connect, Phase::open, Phase::keep})
      EXPECT_EQ(judge(GetParam(), refused(phase, row.code)).outcome, Outcome::transient) << row.code;
  }
}

TEST_P(TableTest, AConnectionThatEndsIsUnknownFromTheCommitOn) {
  for (const CodeRow& row : rows()) {
    const Failure before{Phase::work, Trouble::ended, std::string(row.code), "gone"};
    const Failure after{Phase::commit, Trouble::ended, std::string(row.code), "gone"};
    EXPECT_EQ(judge(GetParam(), before).outcome, Outcome::transient) << row.code;
    EXPECT_EQ(judge(GetParam(), after).outcome, Outcome::unknown) << row.code;
  }
  for (const Trouble trouble : {Trouble::lost, Trouble::timeout, Trouble::stopped}) {
    for (const Phase phase : {Phase::connect, Phase::open, Phase::work, Phase::keep})
      EXPECT_EQ(judge(GetParam(), {phase, trouble, "", ""}).outcome, Outcome::transient);
    EXPECT_EQ(judge(GetParam(), {Phase::commit, trouble, "", ""}).outcome, Outcome::unknown);
  }
}

TEST(SqlstateTable, MeansWhatItShould) {
  const auto outcome = [](const char* code) {
    return judge(Dialect::postgres, refused(Phase::work, code)).outcome;
  };
  for (const char* code : {"23505", "23503", "23514", "22001", "22P02", "42601", "P0001", "21000", "40002"})
    EXPECT_EQ(outcome(code), Outcome::rejected) << code;
  for (const char* code : {"40001", "40P01", "55P03", "57014", "57P01", "08006", "53300", "53100", "28P01",
                           "42501", "42P01", "42703", "25006", "XX000", "99999"})
    EXPECT_EQ(outcome(code), Outcome::transient) << code;
  EXPECT_EQ(judge(Dialect::postgres, refused(Phase::commit, "40001")).outcome, Outcome::transient);
  EXPECT_EQ(judge(Dialect::postgres, refused(Phase::commit, "23505")).outcome, Outcome::rejected);
  EXPECT_EQ(judge(Dialect::postgres, refused(Phase::work, "23505")).error_class, "sql_23505");
}

TEST(SqliteTable, OnlyACleanRefusalOfTheCommitSaysThatNothingHappened) {
  const auto outcome = [](const char* code) {
    return judge(Dialect::sqlite, refused(Phase::commit, code)).outcome;
  };
  EXPECT_EQ(outcome("SQLITE_BUSY"), Outcome::transient);
  EXPECT_EQ(outcome("SQLITE_LOCKED"), Outcome::transient);
  EXPECT_EQ(outcome("SQLITE_CONSTRAINT"), Outcome::rejected);
  for (const char* code : {"SQLITE_IOERR", "SQLITE_FULL", "SQLITE_ERROR", "SQLITE_INTERRUPT"})
    EXPECT_EQ(outcome(code), Outcome::unknown) << code;
}

TEST(SqlSteps, ThePageShowsEveryRow) {
  std::ifstream file(AMENDS_SOURCE_DIR "/docs/sql_steps.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  for (const auto* rows : {&sqlstate_rows(), &sqlite_rows()})
    for (const CodeRow& row : *rows) {
      const std::string line = "| `" + std::string(row.code) + "` | " +
                               std::string(engine::name_of(row.outcome)) + " | " + std::string(row.why) +
                               (row.is_loud ? " (loud)" : "") + " |";
      EXPECT_NE(page.find(line), std::string::npos) << line;
    }
}

}  // namespace
}  // namespace amends::sql
