// Requests come out of the journal, where a plugin's mistakes are too.
#include <gtest/gtest.h>

#include "adapters/effect/sql/request_data.hpp"

namespace amends::sql {
namespace {

TEST(SqlRequest, ReadsAStatement) {
  const RequestData one = parse_request(
      R"({"sql":"select 1","params":[1,"x"],"expect_rows":{"at_least":2,"at_most":5},"result":"rows","read_only":true})");

  ASSERT_TRUE(one.ok()) << one.error;
  ASSERT_EQ(one.statements.size(), 1u);
  EXPECT_TRUE(one.read_only);
  EXPECT_FALSE(one.is_transaction);
  EXPECT_EQ(one.statements[0].sql, "select 1");
  EXPECT_EQ(one.statements[0].params.size(), 2u);
  EXPECT_EQ(one.statements[0].rows_min, 2u);
  EXPECT_EQ(one.statements[0].rows_max, 5u);
  EXPECT_EQ(one.statements[0].shape, Shape::rows);
}

TEST(SqlRequest, ARowIsOneRow) {
  const RequestData one = parse_request(R"({"sql":"select 1","result":"row"})");
  EXPECT_EQ(one.statements.at(0).rows_min, 1u);
  EXPECT_EQ(one.statements.at(0).rows_max, 1u);
}

TEST(SqlRequest, ReadsATransaction) {
  const RequestData two = parse_request(
      R"({"transaction":[{"name":"a","sql":"select 1"},{"name":"b","statement":"log","params":[null],"from":{"1":["a","id"]}}]})");

  ASSERT_TRUE(two.ok()) << two.error;
  EXPECT_TRUE(two.is_transaction);
  EXPECT_EQ(two.statements.at(1).statement, "log");
  EXPECT_EQ(two.statements.at(1).from.at(0).parameter, 0u);
  EXPECT_EQ(two.statements.at(1).from.at(0).statement, "a");
  EXPECT_EQ(two.statements.at(1).from.at(0).column, "id");
}

TEST(SqlRequest, SaysInASentenceWhatIsWrong) {
  for (
      const char* text :
      {"",
       "[]",
       "null",
       "{}",
       R"({"sql":1})",
       R"({"sql":""})",
       R"({"sql":"select 1","statement":"x"})",
       R"({"sql":"select 1","params":{}})",
       R"({"sql":"select 1","params":1})",
       R"({"sql":"select 1","more":1})",
       R"({"sql":"select 1","name":"x"})",
       R"({"sql":"select 1","from":{}})",
       R"({"sql":"drop table x"})",
       R"({"sql":"select 1","result":"all"})",
       R"({"sql":"select 1","result":1})",
       R"({"sql":"select 1","expect_rows":-1})",
       R"({"sql":"select 1","expect_rows":1.5})",
       R"({"sql":"select 1","expect_rows":"1"})",
       R"({"sql":"select 1","expect_rows":{"exactly":1}})",
       R"({"sql":"select 1","expect_rows":{"at_least":2,"at_most":1}})",
       R"({"sql":"select 1","expect_rows":2,"result":"row"})",
       R"({"sql":"select 1","read_only":1})",
       R"({"transaction":[]})",
       R"({"transaction":{}})",
       R"({"transaction":[1]})",
       R"({"transaction":[{"sql":"select 1"}]})",
       R"({"transaction":[{"name":"a","sql":"select 1"}],"sql":"select 1"})",
       R"({"transaction":[{"name":"a","sql":"select 1"},{"name":"a","sql":"select 1"}]})",
       R"({"transaction":[{"name":"a","sql":"select 1","params":[1],"from":{"1":["b","id"]}}]})",
       R"({"transaction":[{"name":"a","sql":"select 1"},{"name":"b","sql":"select 1","from":{"1":["a","id"]}}]})",
       R"({"transaction":[{"name":"a","sql":"select 1"},{"name":"b","sql":"select 1","params":[1],"from":{"0":["a","id"]}}]})",
       R"({"transaction":[{"name":"a","sql":"select 1"},{"name":"b","sql":"select 1","params":[1],"from":{"1":["a"]}}]})",
       R"({"transaction":[{"name":"a b","sql":"select 1"}]})"}) {
    const RequestData read = parse_request(text);
    EXPECT_FALSE(read.ok()) << text;
  }
}

TEST(SqlRequest, BoundsTheNumberOfStatementsAndParameters) {
  engine::Json list = engine::Json::array();
  for (std::size_t i = 0; i <= statements_max; ++i)
    list.push_back({{"name", "s" + std::to_string(i)}, {"sql", "select 1"}});
  EXPECT_FALSE(parse_request(engine::Json{{"transaction", list}}.dump()).ok());
  list.erase(0);
  EXPECT_TRUE(parse_request(engine::Json{{"transaction", list}}.dump()).ok());
  engine::Json params = engine::Json::array();
  for (std::size_t i = 0; i <= params_max; ++i) params.push_back(i);
  EXPECT_FALSE(parse_request(engine::Json{{"sql", "select 1"}, {"params", params}}.dump()).ok());
}

}  // namespace
}  // namespace amends::sql
