// The classification table, row by row, as docs/outcomes.md has it.
#include <fstream>
#include <map>
#include <sstream>

#include "adapters/effect/http/exchange.hpp"
#include "engine/base/text.hpp"
#include "tests/adapters/effect/http/http_fixture.hpp"

namespace amends::http {
namespace {

constexpr engine::WallTime now = engine::WallTime(std::chrono::seconds(1'700'000'000));

Exchange replied(int status, const std::string& body = "") {
  Exchange out;
  out.ending = Ending::replied;
  out.status = status;
  out.body = body;
  return out;
}

Outcome expected(int status) {
  static const std::map<int, Outcome> special = {{401, Outcome::transient}, {407, Outcome::transient},
                                                 {408, Outcome::unknown},   {421, Outcome::transient},
                                                 {425, Outcome::transient}, {429, Outcome::transient}};
  if (const auto it = special.find(status); it != special.end()) return it->second;
  if (status >= 200 && status < 300) return Outcome::done;
  return status >= 400 && status < 500 ? Outcome::rejected : Outcome::unknown;
}

TEST(OutcomeTable, EveryStatusHasItsOutcomeAndClass) {
  for (int status = 100; status < 1000; ++status) {
    const auto reply = classify(replied(status), {}, now);
    EXPECT_EQ(reply.outcome, expected(status)) << status;
    EXPECT_TRUE(reply.answered) << status;
    EXPECT_EQ(reply.error_class, reply.outcome == Outcome::done ? "" : "http_" + std::to_string(status));
  }
}

TEST(OutcomeTable, EveryEndingHasItsOutcomeAndNothingBeforeTheFirstByteIsUnknown) {
  for (const auto& row : ending_rows()) {
    Exchange exchange;
    exchange.ending = row.ending;
    exchange.detail = "why";
    const auto reply = classify(exchange, {}, now);
    EXPECT_EQ(reply.outcome, row.ending < Ending::timeout ? Outcome::transient : Outcome::unknown)
        << row.error_class;
    EXPECT_EQ(reply.error_class, row.error_class);
    EXPECT_FALSE(reply.answered) << row.error_class;
    EXPECT_EQ(reply.error, std::string(row.sentence) + ": why");
  }
}

TEST(OutcomeTable, TheDocumentNamesEveryRow) {
  std::ifstream file(std::string(AMENDS_SOURCE_DIR) + "/docs/outcomes.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const auto& row : ending_rows()) {
    const auto line =
        "| `" + std::string(row.error_class) + "` | " + std::string(engine::name_of(row.outcome)) + " |";
    EXPECT_NE(text.str().find(line), std::string::npos) << line;
  }
  for (const auto& row : status_rows()) {
    const auto range =
        std::to_string(row.first) + (row.last == row.first ? "" : " to " + std::to_string(row.last));
    const auto line =
        "| " + range + " | " + std::string(engine::name_of(row.outcome)) + " | " + row.why + " |";
    EXPECT_NE(text.str().find(line), std::string::npos) << line;
  }
}

TEST(OutcomeTable, A5xxIsTransientOnlyWhereTheEndpointSaysSo) {
  StatusPolicy policy;
  policy.refused_means_not_done = {503};
  EXPECT_EQ(classify(replied(503), policy, now).outcome, Outcome::transient);
  EXPECT_EQ(classify(replied(502), policy, now).outcome, Outcome::unknown);
}

TEST(OutcomeTable, AnEmptySuccessIsNullAndGarbageIsUnknown) {
  EXPECT_EQ(classify(replied(204), {}, now).result, "null");
  EXPECT_EQ(classify(replied(200, " {\"b\":1, \"a\":2}\n"), {}, now).result, R"({"a":2,"b":1})");
  std::string deep(100'000, '[');
  for (const std::string& body :
       {std::string("<html>hi</html>"), std::string("{\"a\":"), std::string("{\"a\":1,\"a\":2}"),
        std::string("1e400"), std::string("\"\xff\""), std::string("\"\\u0000\""), deep, std::string("{} {}"),
        std::string("\0", 1)}) {
    const auto reply = classify(replied(200, body), {}, now);
    EXPECT_EQ(reply.outcome, Outcome::unknown) << body.substr(0, 40);
    EXPECT_EQ(reply.error_class, "reply_not_json");
    EXPECT_TRUE(engine::is_clean_utf8(reply.error));
  }
}

TEST(OutcomeTable, AProblemsDetailIsTheSentenceAndIsMadeSafe) {
  EXPECT_EQ(classify(replied(409, R"({"title":"Conflict","detail":"sold out"})"), {}, now).error,
            "answered 409: sold out");
  EXPECT_EQ(classify(replied(409, R"({"title":"Conflict"})"), {}, now).error, "answered 409: Conflict");
  EXPECT_EQ(classify(replied(409), {}, now).error, "answered 409");
  EXPECT_EQ(classify(replied(409, "\x1b[2J\xff"), {}, now).error, "answered 409: \\x1b[2J\\xff");

  const auto reply = classify(replied(409, "{\"detail\":\"" + std::string(100'000, 'x') + "\"}"), {}, now);
  EXPECT_LE(reply.error.size(), engine::error_bytes_max);
}

TEST(OutcomeTable, TheBarrierSpeaksBeforeTheStatus) {
  auto exchange = replied(409);
  exchange.barrier = "fenced";
  EXPECT_EQ(classify(exchange, {}, now).outcome, Outcome::rejected);
  EXPECT_EQ(classify(exchange, {}, now).error_class, "fenced");
  exchange.barrier = "expired";
  EXPECT_EQ(classify(exchange, {}, now).outcome, Outcome::transient);
  EXPECT_EQ(classify(exchange, {}, now).error_class, "expired");

  exchange = replied(200, "null");
  exchange.barrier = "empty_undo";
  EXPECT_FALSE(classify(exchange, {}, now).empty_undo) << "a run cannot be an empty undo";
  exchange.direction = engine::Direction::undo;
  EXPECT_TRUE(classify(exchange, {}, now).empty_undo);
  exchange.barrier = "applied";
  EXPECT_FALSE(classify(exchange, {}, now).empty_undo);
}

TEST(OutcomeTable, AnAbsentThingIsUndoneOnlyWhereTheEndpointSaysSo) {
  for (const int status : {404, 410}) {
    auto exchange = replied(status, "<html>gone</html>");
    exchange.direction = engine::Direction::undo;
    StatusPolicy policy;
    EXPECT_EQ(classify(exchange, policy, now).outcome, Outcome::rejected);
    policy.undo_absent_is_done = true;
    EXPECT_EQ(classify(exchange, policy, now).outcome, Outcome::done);
    exchange.direction = engine::Direction::run;
    EXPECT_EQ(classify(exchange, policy, now).outcome, Outcome::rejected);
  }
}

TEST(RetryAfter, SecondsAndDatesAreReadAndBounded) {
  using std::chrono::hours, std::chrono::seconds;
  const engine::Millis limit = hours(1);
  const auto parse = [&](const char* text) { return parse_retry_after(text, now, limit); };
  EXPECT_EQ(parse("0"), seconds(0));
  EXPECT_EQ(parse("120"), seconds(120));
  EXPECT_EQ(parse("120 "), seconds(120));
  EXPECT_EQ(parse("99999"), limit);
  EXPECT_EQ(parse("99999999999999999999999"), limit);
  EXPECT_EQ(parse("Tue, 14 Nov 2023 22:13:50 GMT"), seconds(30)) << "1'700'000'000 is 22:13:20";
  EXPECT_EQ(parse("Tue, 14 Nov 2023 22:00:00 GMT"), seconds(0));
  EXPECT_EQ(parse("Fri, 14 Nov 2053 22:00:00 GMT"), limit);
  EXPECT_EQ(parse("Fri, 14 Nov 999999 22:00:00 GMT"), limit) << "more than there are microseconds";
  for (const char* bad :
       {"", "-5", "soon", "1.5", "0x10", "12 apples and a very long tail that goes on and on and on and on!"})
    EXPECT_FALSE(parse(bad).has_value()) << bad;

  auto exchange = replied(429);
  exchange.retry_after = "7";
  EXPECT_EQ(classify(exchange, {}, now).retry_after, seconds(7));
  exchange.status = 503;
  EXPECT_EQ(classify(exchange, {}, now).retry_after, seconds(7));
  exchange.status = 409;
  EXPECT_FALSE(classify(exchange, {}, now).retry_after.has_value());
}

}  // namespace
}  // namespace amends::http
