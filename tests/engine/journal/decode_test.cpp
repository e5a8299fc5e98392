// A row that is not ours to the letter is not used, and what is said of it can be printed.
#include <gtest/gtest.h>

#include "engine/base/text.hpp"
#include "engine/journal/decode_plain.hpp"
#include "engine/journal/entry.hpp"

namespace amends::engine {
namespace {

TEST(DecodeRow, a_kind_that_nobody_knows_is_named_in_printable_characters) {
  const std::string error =
      decode_row("[{\"e\":\"\\u0007" + std::string(60, 'x') + "\xc3\xa9\",\"s\":0,\"n\":1}]").error;

  EXPECT_NE(error.find("\\x07"), std::string::npos) << error;
  EXPECT_EQ(escape_controls(error), error);
  EXPECT_LT(error.size(), 100u);
}

TEST(DecodeRow, a_time_has_a_year_of_four_digits) {
  const auto error = [](const std::string& at) {
    return decode_row(R"([{"e":"attempt","s":0,"n":1,"at":)" + at + R"(,"until":0}])").error;
  };

  EXPECT_EQ(error("253402300799999999"), "");
  EXPECT_EQ(error("253402300800000000"), "'at' is out of range");
  EXPECT_EQ(error("-9223372036854775808"), "'at' is out of range");
}

TEST(DecodeRow, no_participant_remembers_longer_than_a_century_or_less_than_nothing) {
  const auto error = [](const std::string& remembers) {
    return decode_row(R"([{"e":"prepared","s":0,"body":{},"idem":"key","remembers":)" + remembers + "}]")
        .error;
  };

  EXPECT_EQ(error("2592000000"), "");
  EXPECT_EQ(error("9223372036854775807"), "'remembers' is out of range");
  EXPECT_EQ(error("-1"), "'remembers' is out of range");
}

TEST(DecodeRow, a_direction_belongs_to_a_step) {
  const DecodedRow row = decode_row(R"([{"e":"command","verb":"retry","id":"c","d":"undo"}])");

  EXPECT_EQ(row.error, "");
  EXPECT_EQ(decode_row(encode_row(row.entries)).entries, row.entries);
}

// ---- the short way ---------------------------------------------------------------------------------------

Entries one_of_each() {
  const RequestPtr request = std::make_shared<const Request>(
      Request{"http", "pay", R"({"a":[1,-2,{"b":null,"c":true}],"b":{},"z":"text"})"});
  OutcomeEntry done{0, Direction::run, 1, Outcome::done, StepState::succeeded, true, R"({"id":7})", {}, {},
                    {}};
  OutcomeEntry failed{1,  Direction::undo, 2,           Outcome::unknown, StepState::undoing, false,
                      {}, "timeout",       "no answer", from_micros(9)};
  failed.answered = false;
  return {StartedEntry{"p@1", "00ff", 2, from_micros(1'700'000'000'000'000), "key", R"({"amount":12})"},
          StartedEntry{"p@1", "00ff", 2, from_micros(-5), "", "[]"},
          PreparedEntry{0, Direction::run, 1, request, {Idempotency::barrier, Millis(0)}},
          PreparedEntry{1, Direction::undo, 3, request, {Idempotency::key, Millis(2'000)}},
          AttemptEntry{0, Direction::run, 1, from_micros(1), from_micros(2)},
          done,
          failed,
          LateEntry{0, Direction::run, 1, Outcome::transient, "refused"},
          StepEntry{1, StepState::skipped, {}, "", "", true},
          StepEntry{1, StepState::succeeded, R"("seen")", "resolved", "by hand", false},
          AgainEntry{1, Direction::undo, 2},
          CommandEntry{"c1", Verb::cancel, "ann", "too late", "accepted", {}, Direction::run},
          CommandEntry{"c2", Verb::skip, "bob", "by hand", "accepted", 1, Direction::undo},
          SagaEntry{SagaState::compensating, 1, "refused", "no stock"},
          SagaEntry{SagaState::completed, {}, "", ""}};
}

TEST(DecodePlain, what_is_written_in_plain_text_is_read_the_short_way) {
  const Entries all = one_of_each();
  for (const Entry& entry : all) {
    const std::string row = encode_row({entry});
    const auto plain = decode_plain(row);
    ASSERT_TRUE(plain) << row;
    EXPECT_EQ(*plain, Entries{entry}) << row;
  }
  EXPECT_EQ(decode_plain(encode_row(all)), all);
}

// Every byte of a good row changed, left out or doubled: what the short way takes, the long one takes so,
// too.
TEST(DecodePlain, never_reads_what_the_document_would_not_say) {
  std::size_t taken = 0;
  for (const Entry& entry : one_of_each()) {
    const std::string row = encode_row({entry});
    for (std::size_t at = 0; at < row.size(); ++at) {
      std::vector<std::string> damaged{row.substr(0, at) + row.substr(at + 1),
                                       row.substr(0, at) + row.substr(at)};
      for (const char c : std::string("0-.e\"\\,:{}[] \n\x7f\xc3\0", 17)) {
        damaged.push_back(row);
        damaged.back()[at] = c;
        damaged.push_back(row.substr(0, at) + c + row.substr(at));
      }
      for (const std::string& text : damaged) {
        const auto plain = decode_plain(text);
        if (!plain) continue;
        ++taken;
        const DecodedRow other = decode_by_document(text);
        ASSERT_EQ(other.error, "") << text;
        ASSERT_EQ(other.entries, *plain) << text;
      }
    }
  }
  EXPECT_GT(taken, 1'000u);
}

TEST(DecodePlain, gives_up_where_canonical_text_would_differ) {
  const auto is_plain = [](const std::string& body) {
    return decode_plain(R"([{"e":"prepared","s":0,"adapter":"h","endpoint":"x","body":)" + body +
                        R"(,"idem":"key"}])")
        .has_value();
  };

  EXPECT_TRUE(is_plain(R"({"a":1,"b":2})"));
  EXPECT_FALSE(is_plain(R"({"b":1,"a":2})"));
  EXPECT_FALSE(is_plain(R"({"a":1,"a":2})"));
  EXPECT_FALSE(is_plain("1.0"));
  EXPECT_FALSE(is_plain("1e2"));
  EXPECT_FALSE(is_plain("01"));
  EXPECT_FALSE(is_plain("-0"));
  EXPECT_FALSE(is_plain("[1, 2]"));
  EXPECT_FALSE(is_plain("18446744073709551616"));
  EXPECT_FALSE(is_plain(R"("\u0041")"));
  EXPECT_FALSE(is_plain(std::string(60, '[') + std::string(60, ']')));
}

}  // namespace
}  // namespace amends::engine
