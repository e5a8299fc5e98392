#include <gtest/gtest.h>

#include <limits>

#include "engine/base/check.hpp"
#include "engine/base/json.hpp"
#include "engine/base/rfc3339.hpp"
#include "engine/base/saga_id.hpp"
#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"

namespace amends::engine {
namespace {

TEST(Check, a_sentence_that_holds_what_came_from_outside_is_cut) {
  const std::string outside(100'000, 'x');
  EXPECT_DEATH(AMENDS_CHECK(false, "it fits"), "check failed: it fits\n");
  EXPECT_DEATH(AMENDS_CHECK(false, outside), "check failed: x{1000} \\.\\.\\.\n");
}

TEST(StrictJson, refuses_what_the_standard_leaves_open_and_says_where) {
  EXPECT_EQ(parse_json(R"({"a":1,"a":2})").error, "the key \"a\" occurs twice in one object");
  EXPECT_EQ(parse_json(R"(["\u0000"])").error, "a string holds a NUL character");
  EXPECT_EQ(parse_json("[[1]]", {.depth_max = 1}).error, "nested deeper than 1 levels");
  EXPECT_EQ(parse_json("[1,2]", {.bytes_max = 4}).error, "longer than 4 bytes");
  EXPECT_EQ(parse_json("[1").error.substr(0, 14), "not JSON at by");
  for (const char* bad : {"", "[1e400]", "\"\xff\"", "[1] 2", "{'a':1}", "[01]", "nul", "\"\\ud83d\""})
    EXPECT_FALSE(parse_json(bad).ok()) << bad;
}

TEST(StrictJson, a_key_that_stands_twice_is_named_in_printable_characters) {
  const std::string error = parse_json(R"({"k\n\u001b":1,"k\n\u001b":2})").error;

  EXPECT_NE(error.find(R"("k\x0a\x1b" occurs twice)"), std::string::npos) << error;
}

TEST(StrictJson, the_same_key_in_two_objects_is_no_duplicate) {
  EXPECT_TRUE(parse_json(R"([{"a":1},{"a":{"a":2}}])").ok());
}

TEST(StrictJson, a_thousand_levels_are_refused_and_not_recursed_into) {
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')).ok());
}

TEST(Canonical, sorts_keys_and_writes_no_blanks) {
  EXPECT_EQ(canonical(parse_json("{ \"b\" : 1.0, \"a\" : [ \"\xc3\xa9\" ] }").value),
            "{\"a\":[\"\xc3\xa9\"],\"b\":1.0}");
}

TEST(Canonical, of_what_can_be_stored_is_read_back_and_of_nothing_else) {
  Json deep = 1, too_deep = 1;
  for (int i = 0; i < 64; ++i) deep = Json::array({deep});
  for (int i = 0; i < 65; ++i) too_deep = Json::object({{"a", too_deep}});
  for (const Json& good :
       {Json(), Json(-0.0), Json(1e308), Json("\xc3\xa9\"\n"), Json::object({{"a", "b"}}), deep}) {
    EXPECT_EQ(find_unstorable(good), "") << canonical(good);
    EXPECT_EQ(parse_json(canonical(good)).value, good);
  }
  const double none = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(find_unstorable(Json::array({none})), "a number is not finite");
  EXPECT_EQ(find_unstorable(Json::object({{"a", "\xff"}})), "a string is not UTF-8");
  EXPECT_EQ(find_unstorable(Json::object({{std::string("a\0", 2), 1}})), "a string holds a NUL character");
  EXPECT_EQ(find_unstorable(Json::binary({1})), "JSON has no binary");
  EXPECT_EQ(find_unstorable(too_deep), parse_json(canonical(too_deep)).error);
}

TEST(Canonical, of_a_text_alone_is_the_same) {
  for (const std::string& text : {std::string(), std::string("plain"), std::string("a\"b\\c\n\x01\x7f"),
                                  std::string("\xc3\xa9"), std::string("\xff"), std::string("a\0b", 3)}) {
    std::string out = "x";
    append_string(out, text);
    EXPECT_EQ(out, "x" + canonical(Json(text)));
  }
}

TEST(Times, that_four_digits_cannot_write_are_written_as_the_nearest_that_they_can) {
  const auto at = [](std::int64_t micros) { return rfc3339(from_micros(micros)); };

  EXPECT_EQ(at(std::numeric_limits<std::int64_t>::min()), "0000-01-01T00:00:00.000000Z");
  EXPECT_EQ(at(std::numeric_limits<std::int64_t>::max()), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(at(1), "1970-01-01T00:00:00.000001Z");
}

TEST(Times, beyond_the_year_9999_by_their_offset_are_none) {
  EXPECT_FALSE(parse_rfc3339("9999-12-31T23:59:59-00:01"));
  EXPECT_FALSE(parse_rfc3339("0000-01-01T00:00:00+00:01"));
  EXPECT_EQ(rfc3339(*parse_rfc3339("9999-12-31T23:59:59.999999Z")), "9999-12-31T23:59:59.999999Z");
  EXPECT_FALSE(parse_rfc3339("9")) << "what is not there is not looked at";
}

TEST(SagaIds, hold_time_version_and_shard_where_rfc_9562_puts_them) {
  const SagaId id = SagaId::make(WallTime(Millis(0x0123456789ab)), 0xabc, 0xffffffffffffffffull);

  EXPECT_EQ(id.text(), "01234567-89ab-7abc-bfff-ffffffffffff");
  EXPECT_EQ(id.shard(), 0xabc);
}

TEST(SagaIds, any_other_text_is_none) {
  for (const char* bad : {"", "01234567-89ab-7abc-bfff-fffffffffff", "01234567-89AB-7abc-bfff-ffffffffffff",
                          "01234567-89ab-4abc-bfff-ffffffffffff", "01234567-89ab-7abc-7fff-ffffffffffff",
                          "0123456789ab-7abc-bfff-ffffffffffff-"})
    EXPECT_FALSE(SagaId::parse(bad)) << bad;
}

TEST(Sha256, is_the_one_of_the_standard) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Shards, of_a_key_never_change) {
  // Computed by another program: int(sha256(len as 8 bytes, big endian, + key)[:4]) % 64.
  EXPECT_EQ(shard_of("", 64), 53);
  EXPECT_EQ(shard_of("customer-17", 64), 0);
  EXPECT_EQ(shard_of("customer-17", 4096), 3840);
  EXPECT_EQ(shard_of("customer-17", 1), 0);
}

TEST(Text, controls_and_broken_bytes_become_visible) {
  EXPECT_EQ(escape_controls("a\x1b[31m\x7f\xc2\x9b\xff\xc3\xa9"), "a\\x1b[31m\\x7f\\x9b\\xff\xc3\xa9");
}

TEST(Text, is_cut_between_characters) {
  EXPECT_EQ(shorten("\xc3\xa9\xc3\xa9\xc3\xa9", 6), "\xc3\xa9\xc3\xa9\xc3\xa9");
  EXPECT_EQ(shorten("\xc3\xa9\xc3\xa9\xc3\xa9", 5), "\xc3\xa9...");
  EXPECT_EQ(shorten("abcdef", 2), "..");
}

TEST(Text, surrogates_and_overlong_forms_are_not_clean) {
  for (const char* bad : {"\xed\xa0\x80", "\xc0\x80", "\xe0\x80\x80", "\xf5\x80\x80\x80", "\xc3"})
    EXPECT_FALSE(is_clean_utf8(bad));
  EXPECT_FALSE(is_clean_utf8(std::string_view("\0", 1)));
  EXPECT_TRUE(is_clean_utf8("\xf0\x9f\x98\x80"));
}

TEST(Text, is_looked_at_to_its_last_byte) {
  for (std::size_t size : {1u, 7u, 8u, 9u, 16u, 23u})
    for (std::size_t at = 0; at < size; ++at)
      for (const char bad : {'\0', '\x80', '\xff'}) {
        std::string text(size, 'a');
        EXPECT_TRUE(is_clean_utf8(text));
        text[at] = bad;
        EXPECT_FALSE(is_clean_utf8(text)) << at << " of " << size;
      }
}

TEST(SagaId, ARangeHoldsTheIdsThatBeginAlikeAndNoOther) {
  const std::string text = "0192d3a4-5b6c-7fff-8000-00000000000f";
  const SagaId id = *SagaId::parse(text);
  for (std::size_t chars = id_prefix_chars_min; chars < text.size(); ++chars) {
    const auto range = id_range(std::string_view(text).substr(0, chars));
    ASSERT_TRUE(range) << chars;
    EXPECT_TRUE(range->from <= id && id < range->below) << chars;
  }
  const auto range = id_range("0192d3a4-5");
  EXPECT_TRUE(id_range("ffffff")->from < id_range("ffffff")->below);
  EXPECT_FALSE(*SagaId::parse("0192d3a4-4fff-7000-bfff-ffffffffffff") >= range->from);
  EXPECT_TRUE(*SagaId::parse("0192d3a4-5fff-7000-bfff-ffffffffffff") < range->below);
  EXPECT_FALSE(*SagaId::parse("0192d3a4-6000-7000-8000-000000000000") < range->below);
}

TEST(SagaId, WhatNoIdBeginsWithIsNoRange) {
  for (const char* bad :
       {"", "0192d", "0192d3a45", "0192d3-", "0192D3A4", "0192d3g", "0192d3a4-5b6c-7fff-8000-00000000000f"})
    EXPECT_FALSE(id_range(bad)) << bad;
}

}  // namespace
}  // namespace amends::engine
