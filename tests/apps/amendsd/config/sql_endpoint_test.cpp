// [endpoints.NAME] of kind sql.
#include <gtest/gtest.h>

#include "tests/apps/amendsd/config/read.hpp"

namespace amends::daemon {
namespace {

const std::string begin = "[endpoints.a]\nkind = \"sql\"\nurl = \"postgres://me@there/shop\"\n";

TEST(SqlEndpoint, ReadsEveryKey) {
  const Read one =
      read(begin +
           "password = \"env:SHOP\"\nremembers = \"30d\"\ntimeout = \"7s\"\nconcurrency = 9\n"
           "barrier = false\nidempotency = \"natural\"\nstatements = { hold = \"update stock\" }\n");

  ASSERT_EQ(one.findings.sentences, std::vector<std::string>{});
  const EndpointConfig& e = one.config.endpoints.at(0);
  EXPECT_EQ(e.kind, EndpointKind::sql);
  EXPECT_EQ(e.password, "env:SHOP");
  EXPECT_EQ(e.facts.remembers, std::chrono::hours(24 * 30));
  EXPECT_EQ(e.timeout_max, std::chrono::seconds(7));
  EXPECT_EQ(e.concurrency, 9u);
  EXPECT_FALSE(e.barrier);
  EXPECT_EQ(e.facts.idempotency, engine::Idempotency::natural);
  EXPECT_EQ(e.statements.at("hold"), "update stock");
}

TEST(SqlEndpoint, KeepsTheBarrierWithoutBeingTold) {
  const Read one = read(begin);

  ASSERT_TRUE(one.findings.ok()) << one.findings.sentences.at(0);
  EXPECT_TRUE(one.config.endpoints.at(0).barrier);
  EXPECT_EQ(one.config.endpoints.at(0).facts.idempotency, engine::Idempotency::barrier);
  EXPECT_EQ(one.config.endpoints.at(0).concurrency, 4u);
  EXPECT_TRUE(read(begin + "idempotency = \"barrier\"\n").findings.ok());
}

TEST(SqlEndpoint, WithoutTheBarrierItMayHappenTwiceUnlessSaidOtherwise) {
  EXPECT_EQ(read(begin + "barrier = false\n").config.endpoints.at(0).facts.idempotency,
            engine::Idempotency::none);
  EXPECT_TRUE(
      read(begin + "barrier = false\nidempotency = \"key\"\n").says("a.toml:5: 'endpoints.a.idempotency'"));
  EXPECT_TRUE(read(begin + "idempotency = \"natural\"\n").says("say barrier = false"));
}

TEST(SqlEndpoint, RefusesWhatIsNotItsOwn) {
  EXPECT_TRUE(read(begin + "bearer = \"env:X\"\n").says("'endpoints.a.bearer' is not a known key"));
  EXPECT_TRUE(read(begin + "rate = 3\n").says("'endpoints.a.rate' is not a known key"));
  EXPECT_TRUE(read(begin + "concurrency = 65\n").says("'endpoints.a.concurrency'"));
  EXPECT_TRUE(read(begin + "password = \"s3cret\"\n").says("'endpoints.a.password' must be a reference"));
  EXPECT_FALSE(read(begin + "password = \"s3cret\"\n").says("s3cret"));
  EXPECT_TRUE(
      read("[endpoints.a]\nkind = \"sql\"\nurl = \"mysql://a\"\n").says("'endpoints.a.url' must begin with"));
  EXPECT_TRUE(read("[endpoints.a]\nkind = \"soap\"\nurl = \"http://a\"\nidempotency = \"key\"\n")
                  .says("a.toml:2: 'endpoints.a.kind'"));
  EXPECT_TRUE(read("[endpoints.a]\nurl = \"http://a\"\nidempotency = \"key\"\npassword = \"env:X\"\n")
                  .says("'endpoints.a.password' is not a known key"));
}

}  // namespace
}  // namespace amends::daemon
