// A flush is one statement, made of the parts for which it has rows.
#include "adapters/store/postgres/flush_statement.hpp"
#include "tests/adapters/store/postgres/database.hpp"

namespace amends::engine {
namespace {

using postgres::FlushParts;

std::vector<FlushParts> every_choice() {
  std::vector<FlushParts> out;
  for (unsigned bits = 0; bits < 32; ++bits)
    out.push_back({.keys = (bits & 1) != 0,
                   .starts = (bits & 2) != 0,
                   .tags = (bits & 4) != 0,
                   .updates = (bits & 8) != 0,
                   .answers = (bits & 16) != 0});
  return out;
}

class FlushTest : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    must_migrate();
    store = must_open();
    must_take_over(*store);
    Batch first;
    for (int n = 0; n < 32; ++n) {
      first.starts.push_back(start_of(n));
      first.journal.push_back(entry_of(n, 1));
    }
    ASSERT_EQ(store->commit(first).status, CommitStatus::committed);
  }
  std::string ask(const std::string& sql) { return PostgresSession(url()).ask(sql); }

  std::unique_ptr<postgres::PostgresStore> store;
};

TEST_F(FlushTest, EveryChoiceOfRowsIsWrittenWhole) {
  int n = 0;
  for (const FlushParts parts : every_choice()) {
    SCOPED_TRACE(postgres::flush_name(parts));
    const int fresh = 100 + n;
    Batch batch;
    batch.journal.push_back(entry_of(n, 2));
    if (parts.keys || parts.starts || parts.tags) {
      batch.starts.push_back(parts.keys ? keyed_start_of(fresh, "k" + std::to_string(n)) : start_of(fresh));
      if (parts.tags) batch.starts.back().tags = {{"region", "eu"}};
      batch.journal.push_back(entry_of(fresh, 1));
    }
    if (parts.updates) batch.updates.push_back(ended(n, "completed"));
    const CommandRow command{
        .id = id_of(500 + n), .kind = "cancel", .saga = id_of(n), .at = at_second(n), .body = "{}"};
    if (parts.answers) {
      store->post_command(command);
      batch.answered.push_back({command.id, "accepted", ""});
    }

    ASSERT_EQ(store->commit(batch).status, CommitStatus::committed);

    EXPECT_EQ(store->read_journal(id_of(n), 0, 10).size(), 2u);
    EXPECT_EQ(store->find_saga(id_of(n))->state, parts.updates ? "completed" : "running");
    EXPECT_EQ(store->find_saga(id_of(fresh)).has_value(), !batch.starts.empty());
    EXPECT_EQ(store->read_journal(id_of(fresh), 0, 10).size(), batch.starts.size());
    EXPECT_EQ(ask("select count(*) from amends.tag where saga_id = '" + id_of(fresh).text() + "'"),
              parts.tags ? "1" : "0");
    EXPECT_EQ(ask("select count(*) from amends.start_key where key = 'k" + std::to_string(n) + "'"),
              parts.keys ? "1" : "0");
    EXPECT_EQ(store->find_done({command.id}).size(), parts.answers ? 1u : 0u);
    ++n;
  }
}

TEST_F(FlushTest, EveryChoiceOfRowsIsFenced) {
  auto other = must_open();
  must_take_over(*other);
  int n = 0;
  for (const FlushParts parts : every_choice()) {
    SCOPED_TRACE(postgres::flush_name(parts));
    auto fenced = must_open();
    must_take_over(*fenced);
    must_take_over(*other);
    Batch batch;
    batch.journal.push_back(entry_of(n, 2));
    if (parts.starts || parts.keys || parts.tags) batch.starts.push_back(keyed_start_of(100 + n, "k"));
    if (parts.updates) batch.updates.push_back(ended(n, "completed"));

    EXPECT_EQ(fenced->commit(batch).status, CommitStatus::fenced);

    EXPECT_EQ(store->read_journal(id_of(n), 0, 10).size(), 1u);
    ++n;
  }
  EXPECT_EQ(ask("select count(*) from amends.saga"), "32");
}

TEST_F(FlushTest, ItsParametersAreNumberedWithoutGaps) {
  for (const FlushParts parts : every_choice()) {
    SCOPED_TRACE(postgres::flush_name(parts));
    const std::string text = postgres::flush_statement(parts);
    int most = 0;
    while (text.find("$" + std::to_string(most + 1) + "::") != std::string::npos) ++most;

    EXPECT_EQ(text.find("$" + std::to_string(most + 2) + "::"), std::string::npos);
    EXPECT_EQ(most, 8 + 6 * parts.keys + 13 * parts.starts + 4 * parts.tags + 9 * parts.updates +
                        4 * parts.answers);
  }
}

}  // namespace
}  // namespace amends::engine
