// What can happen to a database under a running engine. Each time: no start is acknowledged, the engine is
// not ready, the log says why, and when it is over everything goes on by itself.
#include "tests/faults/fault_world.hpp"

namespace amends::engine {
namespace {

using testing_support::postgres_server;

struct Accident {
  std::string name;
  std::function<void(FaultWorld&)> strike, mend;
  std::string said;  // a part of what the log must say
};

void PrintTo(const Accident& accident, std::ostream* out) {
  *out << accident.name;
}

class AccidentTest : public testing::TestWithParam<Accident> {};

TEST_P(AccidentTest, AcknowledgesNothingSaysWhyAndGoesOnByItself) {
  FaultWorld world(postgres_server());
  world.start_held(10);

  GetParam().strike(world);
  const StartReply during = world.start("during");
  EXPECT_EQ(during.status, StartStatus::unavailable) << during.sentence;
  EXPECT_NE(during.sentence, "");
  EXPECT_FALSE(world.engine->ready());
  world.let_go();
  EXPECT_EQ(world.start("during, again").status, StartStatus::unavailable);
  EXPECT_FALSE(world.engine->ready());
  GetParam().mend(world);

  world.start_until_taken("during");
  world.start_until_taken("during, again");
  world.start_until_taken("after");
  EXPECT_TRUE(world.engine->ready());
  world.expect_nothing_lost_or_doubled();
  EXPECT_NE(world.engine_said().find(GetParam().said), std::string::npos) << world.engine_said();
}

const std::vector<Accident> accidents = {
    {"ServerKilled", [](FaultWorld& w) { w.server.crash(); }, [](FaultWorld& w) { w.server.start(); },
     "cannot be taken over"},
    {"StoppedAtOnce", [](FaultWorld& w) { w.server.stop(PostgresServer::Stop::immediate); },
     [](FaultWorld& w) { w.server.start(); }, "cannot be taken over"},
    {"StoppedInGoodOrder", [](FaultWorld& w) { w.server.stop(PostgresServer::Stop::fast); },
     [](FaultWorld& w) { w.server.start(); }, "cannot be taken over"},
    {"ServerPaused", [](FaultWorld& w) { w.server.pause(); }, [](FaultWorld& w) { w.server.resume(); },
     "it is not known whether the flush was written"},
    {"NetworkGone",
     [](FaultWorld& w) {
       w.proxy.refuse(true);
       w.proxy.cut_all();
     },
     [](FaultWorld& w) { w.proxy.refuse(false); }, "refused"},
    {"NetworkStalled", [](FaultWorld& w) { w.proxy.stall(true); },
     [](FaultWorld& w) { w.proxy.stall(false); }, "it is not known whether the flush was written"},
    {"NoConnectionLeftForTheRole",
     [](FaultWorld& w) {
       w.ask("alter role " + w.role + " connection limit 0");
       w.terminate();
     },
     [](FaultWorld& w) { w.ask("alter role " + w.role + " connection limit -1"); }, "too many connections"},
    {"NoConnectionLeftOnTheServer",
     [](FaultWorld& w) {
       w.ask("create role crowd login");
       w.terminate();
       // More than max_connections: the last ones find no place either.
       for (int i = 0; i < 61; ++i)
         w.crowd.push_back(std::make_unique<PostgresSession>(w.server.url(w.database, "crowd")));
     },
     [](FaultWorld& w) { w.crowd.clear(); }, "remaining connection slots are reserved"},
    {"TheRoleMayNotLogIn",
     [](FaultWorld& w) {
       w.ask("alter role " + w.role + " nologin");
       w.terminate();
     },
     [](FaultWorld& w) { w.ask("alter role " + w.role + " login"); }, "not permitted to log in"},
    {"ReadOnly",
     [](FaultWorld& w) {
       w.ask("alter database " + w.database + " set default_transaction_read_only = on");
       w.terminate();
     },
     [](FaultWorld& w) {
       w.server.execute("alter database " + w.database + " reset default_transaction_read_only");
     },
     "read-only transaction"},
    {"ATableIsMissing", [](FaultWorld& w) { w.ask("alter table amends.journal rename to moved"); },
     [](FaultWorld& w) { w.ask("alter table amends.moved rename to journal"); },
     "\"amends.journal\" does not exist"},
    {"ARightIsMissing", [](FaultWorld& w) { w.ask("revoke insert on amends.journal from " + w.role); },
     [](FaultWorld& w) { w.ask("grant insert on amends.journal to " + w.role); }, "permission denied"},
    {"ANewerSchema",
     [](FaultWorld& w) {
       w.ask("insert into amends.schema_version (version, engines_since, is_ready) values (99, 99, true)");
       w.terminate();
     },
     [](FaultWorld& w) { w.ask("delete from amends.schema_version where version = 99"); }, "newer Amends"},
    {"AnOlderSchema",
     [](FaultWorld& w) {
       w.ask("update amends.schema_version set is_ready = false");
       w.terminate();
     },
     [](FaultWorld& w) { w.ask("update amends.schema_version set is_ready = true"); }, "amends db migrate"},
};

INSTANTIATE_TEST_SUITE_P(Postgres, AccidentTest, testing::ValuesIn(accidents),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace amends::engine
