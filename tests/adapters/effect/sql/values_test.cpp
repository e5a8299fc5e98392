// What goes in as a parameter and comes out as a result, and what hostile text does not do.
#include "tests/adapters/effect/sql/sql_fixture.hpp"

namespace amends::sql {
namespace {

class ValuesTest : public SqlTest {
 protected:
  // Each in a step of its own.
  Reply select(const std::string& sql, const std::string& params = "[]", const std::string& shape = "row") {
    const engine::Json body{{"sql", sql}, {"params", engine::Json::parse(params)}, {"result", shape}};
    return ask(body.dump(), {.name = "s" + std::to_string(++steps)});
  }
  int steps = 0;
};
AMENDS_BOTH_DATABASES(ValuesTest);

TEST_P(ValuesTest, ParametersAreValuesWhateverTheyHold) {
  look("create table note (id integer, body text)");
  const std::vector<std::string> texts = {"'; drop table note; --", "\\'; select 1", "$1",       "%s\n\r\t",
                                          "\xF0\x9F\x92\xA1 Größe", "\"quoted\"",    "?1 :x @y", "NULL"};
  for (const std::string& text : texts) {
    const engine::Json params = engine::Json::array({1, text});
    const Reply reply = select("insert into note (id, body) values ($1, $2) returning body", params.dump());
    EXPECT_EQ(reply.result, engine::Json({{"body", text}}).dump()) << reply.error;
  }
  EXPECT_EQ(look("select count(*) from note"), std::to_string(texts.size()));
}

TEST_P(ValuesTest, RowsComeBackAsTheirTypesInJson) {
  look(is_postgres()
           ? "create table kinds (i bigint, f double precision, b boolean, t text, j json, n integer)"
           : "create table kinds (i bigint, f double precision, b boolean, t text, j json, n integer)");
  const Reply kept = select(
      "insert into kinds (i, f, b, t, j, n) values ($1, $2, $3, $4, $5, $6) returning i, f, b, t, j, n",
      R"([-9223372036854775808, 0.1, true, "x", {"a":[1,null]}, null])");
  const Reply read = select("select i, f, b, t, j, n from kinds");

  EXPECT_EQ(read.result, R"({"b":true,"f":0.1,"i":-9223372036854775808,"j":{"a":[1,null]},"n":null,"t":"x"})")
      << read.error;
  EXPECT_EQ(kept.outcome, Outcome::done) << kept.error;
}

TEST_P(ValuesTest, RowsAreListedAndCounted) {
  look("insert into stock (sku, free) values ('b', 1)");

  EXPECT_EQ(select("select sku from stock order by sku", "[]", "rows").result,
            R"({"count":2,"rows":[{"sku":"a"},{"sku":"b"}]})");
  EXPECT_EQ(select("delete from stock where free < 0 returning sku", "[]", "rows").result,
            R"({"count":0,"rows":[]})");
  EXPECT_EQ(select("select sku from stock", "[]", "count").result, R"({"count":2})");
}

TEST_P(ValuesTest, RowsThatAreNoResultAreRejectedAndRolledBack) {
  EXPECT_EQ(select("select 1 as a, 2 as a").error_class, "duplicate_column");
  EXPECT_EQ(select("select sku from stock where sku = 'zz'").error_class, "expect_rows");
  EXPECT_EQ(select("update stock set free = 1").error_class, "no_rows");
  look("create table large (t text)");
  look("insert into large (t) values ('" + std::string(600'000, 'x') + "')");
  look("insert into large (t) select t from large");
  EXPECT_EQ(select("select t from large", "[]", "rows").error_class, "result_too_large");
  EXPECT_EQ(look("select free from stock"), "10");
  // The connection goes on.
  EXPECT_EQ(select("select free from stock").result, R"({"free":10})");
}

TEST_P(ValuesTest, AuthorsMistakesAreRejected) {
  EXPECT_EQ(select("select from where").outcome, Outcome::rejected);
  EXPECT_EQ(select("select 1 as a; delete from stock").outcome, Outcome::rejected);
  EXPECT_EQ(select("select free from stock where sku = $1 and sku = $2", R"(["a"])").outcome,
            Outcome::rejected);
  EXPECT_EQ(select("select free from stock", R"(["a"])").outcome, Outcome::rejected);
  EXPECT_EQ(select("update stock set free = $1 returning free", R"(["many"])").outcome,
            is_postgres() ? Outcome::rejected : Outcome::done);  // SQLite keeps any value in any column
}

TEST_P(ValuesTest, WhatAMigrationWillMendIsTransient) {
  const Reply table = select("select a from nothing_there");
  const Reply column = select("select nothing_there from stock");
  const Reply inserted = select("insert into stock (sku, nothing_there) values ('x', 1) returning sku");

  for (const Reply& reply : {table, column, inserted})
    EXPECT_EQ(reply.outcome, Outcome::transient) << reply.error;
}

TEST_P(ValuesTest, TransactionsCannotBeSteeredFromInside) {
  for (const char* sql : {"commit", "rollback", "begin", "savepoint x", "set role other",
                          "pragma user_version = 3", "attach 'x' as y", "copy stock to stdout",
                          "do $$ begin end $$", "vacuum", "-- x\ncommit", "selection", "/* */ commit", ""})
    EXPECT_EQ(select(sql).error_class, "bad_request_data") << sql;
}

}  // namespace
}  // namespace amends::sql
