// What an author's helpers make is what the adapter reads.
#include <gtest/gtest.h>
#include <amends/workflow.hpp>

#include "adapters/effect/sql/request_data.hpp"

namespace amends::sql {
namespace {

RequestData read(const Request& request) {
  EXPECT_EQ(request.adapter, "sql");
  EXPECT_EQ(request.endpoint, "shop");
  RequestData out = parse_request(request.body.dump());
  EXPECT_EQ(out.error, "");
  return out;
}

TEST(SqlHelpers, OneExpectsOneRowWhichIsTheResult) {
  const RequestData out = read(one("shop", "select 1 where $1 = $2", {"a'b", 3}));

  EXPECT_EQ(out.statements.at(0).shape, Shape::row);
  EXPECT_EQ(out.statements.at(0).rows_min, 1u);
  EXPECT_EQ(out.statements.at(0).rows_max, 1u);
  EXPECT_EQ(out.statements.at(0).params, engine::Json::array({"a'b", 3}));
}

TEST(SqlHelpers, ParametersAreOfAnyDurableKind) {
  const RequestData out = read(exec("shop", "update x set a = $1",
                                    {std::optional<int>{}, std::optional<std::string>{"b"}, true, 0.5,
                                     std::vector<int>{1, 2}, Json{{"c", nullptr}}}));

  EXPECT_EQ(out.statements.at(0).params.dump(), R"([null,"b",true,0.5,[1,2],{"c":null}])");
}

TEST(SqlHelpers, ExpectationsReachTheStatement) {
  const auto bounds = [](Expect expect) {
    const SqlStatement out = read(rows("shop", "delete from x", {}, expect)).statements.at(0);
    return std::pair(out.rows_min.value_or(99), out.rows_max.value_or(99));
  };
  EXPECT_EQ(bounds({}), std::pair(std::uint64_t{99}, std::uint64_t{99}));
  EXPECT_EQ(bounds(exactly(0)), std::pair(std::uint64_t{0}, std::uint64_t{0}));
  EXPECT_EQ(bounds(at_least(2)), std::pair(std::uint64_t{2}, std::uint64_t{99}));
  EXPECT_EQ(bounds(at_most(2)), std::pair(std::uint64_t{99}, std::uint64_t{2}));
}

TEST(SqlHelpers, ATransactionHoldsNamedStatements) {
  const RequestData out = read(
      read_only(transaction("shop", {statement("a", "insert into x values ($1) returning id", {1}).one(),
                                     statement("b", named("log"), {"x", from("a", "id")}).expect(at_least(1)),
                                     statement("c", "select 1").rows()})));

  EXPECT_TRUE(out.is_transaction);
  EXPECT_TRUE(out.read_only);
  ASSERT_EQ(out.statements.size(), 3u);
  EXPECT_EQ(out.statements[1].statement, "log");
  EXPECT_EQ(out.statements[1].from.at(0).parameter, 1u);
  EXPECT_EQ(out.statements[1].from.at(0).column, "id");
  EXPECT_EQ(out.statements[2].shape, Shape::rows);
}

}  // namespace
}  // namespace amends::sql
