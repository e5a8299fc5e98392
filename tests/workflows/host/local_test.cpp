// A local function from its plugin to its outcome.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "engine/base/json.hpp"
#include "engine/definition/picture.hpp"
#include "workflows/host/host.hpp"

namespace amends::engine {
namespace {

class LocalFunction : public testing::Test {
 protected:
  LocalFunction() : host({PLUGINS "/test/local_steps.so"}) {
    EXPECT_TRUE(host.refusals().empty());
    plan = host.find_plan("local-steps");
  }
  std::string body_of(std::string_view step, Direction direction = Direction::run,
                      const std::string* own = nullptr) {
    const Known known{&input, {&price, nullptr, nullptr, nullptr, nullptr}, own};
    const StepIndex index = *plan->find_step(step);
    const Prepared prepared = host.prepare(*plan, index, direction, known);
    const auto at_once = host.prepare_at_once(*plan, index, direction, known);
    EXPECT_TRUE(at_once && at_once->index() == prepared.index()) << "it needs no author's function";
    if (const auto* wrong = std::get_if<PrepareError>(&prepared)) return wrong->sentence;
    const Request& request = std::get<Request>(prepared);
    EXPECT_EQ(std::get<Request>(*at_once).body, request.body);
    EXPECT_EQ(request.adapter, "local");
    EXPECT_EQ(request.endpoint, "pool");
    EXPECT_EQ(canonical(Json::parse(request.body)), request.body);
    return request.body;
  }
  Reply call(const std::string& body) {
    Attempt attempt;
    attempt.key = "the-key";
    attempt.number = 3;
    attempt.timeout = Millis(250);
    attempt.request = std::make_shared<Request>(Request{"local", "pool", body});
    return host.call(attempt);
  }
  Reply call_price(const std::string& how) {
    input = canonical(Json{{"how", how}, {"cents", 21}});
    return call(body_of("price"));
  }

  Host host;
  PlanPtr plan;
  std::string input = R"({"cents":21,"how":"well"})", price = R"({"cents":7,"words":"seven"})";
};

TEST_F(LocalFunction, IsNotCalledAtLoadAndAsksTheLocalPool) {
  for (const Step& step : plan->steps()) {
    EXPECT_EQ(step.adapter, "local");
    EXPECT_EQ(step.endpoint, "pool");
  }
  EXPECT_EQ(plan->step(2).undo->adapter, "local");
  EXPECT_TRUE(host.drafts().at(0).notes.empty());
  EXPECT_EQ(plan->step(0).kind, StepKind::read);
  EXPECT_EQ(plan->step(0).result_type, "Price{cents:int,words:string}");
  EXPECT_TRUE(plan->step(3).result_is_nothing);
  EXPECT_NE(picture(*plan).find("local pool"), std::string::npos);
}

TEST_F(LocalFunction, IsJournalledByNameWithTheArgumentsAsTheyStand) {
  EXPECT_EQ(body_of("add"), R"({"arguments":[{"cents":21,"how":"well"},{"cents":7,"words":"seven"}],)"
                            R"("function":"local-steps@1/add"})");
  EXPECT_EQ(body_of("add", Direction::undo),
            R"({"arguments":[[],{"cents":21,"how":"well"}],"function":"local-steps@1/take-back"})");
  EXPECT_EQ(body_of("stop"), R"({"arguments":[],"function":"local-steps@1/stop"})");
  price = std::string(1 << 20, ' ');
  EXPECT_EQ(body_of("add"), "local-steps v1: 'add' cannot be prepared: its arguments are larger than 1 MiB");
}

TEST_F(LocalFunction, IsGivenItsArgumentsInTheirOrderAndTheAttempt) {
  const std::string own = price;

  const Reply added = call(body_of("add"));

  EXPECT_EQ(added.outcome, Outcome::done);
  EXPECT_EQ(added.result, R"({"cents":28,"words":"the-key 3 250"})");
  EXPECT_EQ(call(body_of("take-back", Direction::undo)).error, "well, unknown");
  EXPECT_EQ(call(body_of("take-back", Direction::undo, &own)).error, "well, 7");
}

TEST_F(LocalFunction, TakesArgumentsThatOnlyTheParserReads) {
  input = canonical(Json::parse(R"({"cents":21,"how":"\"],\"function\":\"ö\\"})"));
  price = R"({"cents":7,"more":[{}],"words":"é"})";

  EXPECT_EQ(call(body_of("add")).result, R"({"cents":28,"words":"the-key 3 250"})");
  EXPECT_EQ(call(body_of("price")).result,
            canonical(Json{{"cents", 42}, {"words", "\"],\"function\":\"ö\\"}}));
}

TEST_F(LocalFunction, ReturnsNothingAsAnEmptyObject) {
  EXPECT_EQ(call(body_of("commit")).outcome, Outcome::done);
  EXPECT_EQ(call(body_of("commit")).result, "{}");
}

// One row for each way to end; the page that authors read holds them all.
TEST_F(LocalFunction, EndsInTheOutcomeOfItsRow) {
  struct Row {
    const char* how;
    Outcome outcome;
    const char* error_class;
    const char* error;
  };
  const Row rows[] = {
      {"std", Outcome::rejected, "threw", "no price for it"},
      {"int", Outcome::rejected, "threw", "something was thrown that is not a std::exception"},
      {"refused", Outcome::rejected, "threw_refused", "not sold any more"},
      {"transient", Outcome::transient, "threw_transient", "the list is locked"},
      {"unknown", Outcome::unknown, "threw_unknown", "the list was torn away"},
      {"memory", Outcome::unknown, "out_of_memory", "the function ran out of memory"},
      {"nul", Outcome::unknown, "result_broken",
       "the function's result cannot be journalled: a string holds a NUL character"},
      {"utf8", Outcome::unknown, "result_broken", nullptr},
      {"large", Outcome::unknown, "reply_too_large", "the function's result is larger than 1 MiB"},
  };
  std::stringstream page;
  page << std::ifstream(SOURCE_DIR "/docs/authoring/local-steps.md").rdbuf();
  for (const Row& row : rows) {
    const Reply reply = call_price(row.how);
    EXPECT_EQ(reply.outcome, row.outcome) << row.how;
    EXPECT_EQ(reply.error_class, row.error_class) << row.how;
    if (row.error != nullptr) {
      EXPECT_EQ(reply.error, row.error);
    }
    EXPECT_EQ(reply.answered, row.how == std::string("refused")) << "only this speaks for earlier attempts";
    const std::string line =
        "| `" + std::string(row.error_class) + "` | " + std::string(name_of(row.outcome)) + " | ";
    EXPECT_NE(page.str().find(line), std::string::npos) << line;
  }
  EXPECT_EQ(call_price("well").outcome, Outcome::done);
}

TEST_F(LocalFunction, SaysHowLongToWait) {
  EXPECT_EQ(call_price("wait").retry_after, Millis(1'500));
  EXPECT_EQ(call_price("transient").retry_after, std::nullopt);
}

TEST_F(LocalFunction, MayReturnWhatTheJournalCanHoldAndNothingDeeper) {
  input = R"({"cents":60,"how":"deep"})";
  EXPECT_EQ(call(body_of("deep")).outcome, Outcome::done);
  input = R"({"cents":70,"how":"deep"})";
  EXPECT_EQ(call(body_of("deep")).error_class, "result_broken");
}

TEST_F(LocalFunction, IsNotCalledWithArgumentsThatItDoesNotTake) {
  const Reply unfit = call(R"({"arguments":[{"cents":"x","how":"well"}],"function":"local-steps@1/price"})");
  EXPECT_EQ(unfit.outcome, Outcome::rejected);
  EXPECT_EQ(unfit.error_class, "arguments_unfit");
  EXPECT_EQ(unfit.error, "'cents' must be a whole number, not string");
  EXPECT_FALSE(unfit.answered) << "the function has said nothing, so it ends no doubt";
  EXPECT_EQ(call(R"({"arguments":[],"function":"local-steps@1/price"})").error_class, "arguments_unfit");
}

TEST_F(LocalFunction, ThatIsNotLoadedIsTransient) {
  const Reply gone = call(R"({"arguments":[],"function":"local-steps@1/gone"})");
  EXPECT_EQ(gone.outcome, Outcome::transient);
  EXPECT_EQ(gone.error_class, "unknown_function");
  for (const char* body : {"", "{", "[]", "{}", R"({"arguments":[],"function":7})", R"("})",
                           R"({"arguments":[","function":"x"})"})
    EXPECT_EQ(call(body).error_class, "unknown_function") << body;
}

}  // namespace
}  // namespace amends::engine
