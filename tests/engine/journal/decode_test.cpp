// A row that is not ours to the letter is not used, and what is said of it can be printed.
#include <gtest/gtest.h>

#include "engine/base/text.hpp"
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

}  // namespace
}  // namespace amends::engine
