// Whatever comes in by a door as text: JSON, ids, journal rows.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "engine/base/json.hpp"
#include "engine/base/saga_id.hpp"
#include "engine/base/text.hpp"
#include "engine/journal/decode_plain.hpp"
#include "engine/journal/saga.hpp"

namespace amends::properties {
namespace {

using namespace engine;

// Pieces of JSON in any order: nearly right is where readers break.
rc::Gen<std::string> nearly_json(std::vector<std::string> pieces) {
  const auto any_bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const auto piece = rc::gen::weightedOneOf<std::string>({{12, rc::gen::elementOf(pieces)}, {1, any_bytes}});
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& all) {
                        std::string out;
                        for (const std::string& one : all) out += one;
                        return out;
                      });
}

rc::Gen<std::string> nearly_json() {
  return nearly_json({"{",
                      "}",
                      "[",
                      "]",
                      ",",
                      ":",
                      "\"a\"",
                      "\"b\"",
                      "\"\\u0000\"",
                      "\"\xc3\xa9\"",
                      "\"\xff\"",
                      "\"\\ud83d\\ude00\"",
                      "\"\\ud83d\"",
                      "1",
                      "-0",
                      "-0.0",
                      "1e308",
                      "1e400",
                      "0.1",
                      "01",
                      "18446744073709551616",
                      "-9223372036854775809",
                      "true",
                      "null",
                      " ",
                      "\n",
                      "[[[[[[[[",
                      "{\"a\":1}",
                      "{\"a\":1,\"a\":2}",
                      "\xef\xbb\xbf",
                      "//"});
}

Json draw_value(int depth) {
  const int kind = *rc::gen::inRange(0, depth > 0 ? 7 : 5);
  switch (kind) {
    case 0: return nullptr;
    case 1: return *rc::gen::arbitrary<bool>();
    case 2: return *rc::gen::arbitrary<std::int64_t>();
    case 3: return *rc::gen::arbitrary<double>();
    case 4: return escape_controls(*rc::gen::arbitrary<std::string>());
    case 5: {
      Json out = Json::array();
      for (int n = *rc::gen::inRange(0, 4); n > 0; --n) out.push_back(draw_value(depth - 1));
      return out;
    }
    default: {
      Json out = Json::object();
      for (int n = *rc::gen::inRange(0, 4); n > 0; --n)
        out[escape_controls(*rc::gen::arbitrary<std::string>())] = draw_value(depth - 1);
      return out;
    }
  }
}

TEST(JsonProperties, the_canonical_form_reads_back_as_itself) {
  EXPECT_TRUE(rc::check("canonical is idempotent", [] {
    const std::string once = canonical(draw_value(4));

    const ParsedJson again = parse_json(once);

    RC_ASSERT(again.error == std::string());
    RC_ASSERT(canonical(again.value) == once);
  }));
}

TEST(JsonProperties, any_text_is_read_or_refused_with_a_clean_sentence) {
  EXPECT_TRUE(rc::check("the door holds", [] {
    const std::string text = *nearly_json();

    const ParsedJson parsed = parse_json(text, {.depth_max = 6, .bytes_max = 200});

    if (!parsed.ok()) {
      RC_ASSERT(parsed.value.is_null());
      RC_ASSERT(is_clean_utf8(parsed.error));
      return;
    }
    RC_ASSERT(text.size() <= 200u);
    const std::string once = canonical(parsed.value);
    RC_ASSERT(is_clean_utf8(once));
    RC_ASSERT(canonical(parse_json(once).value) == once);
  }));
}

TEST(SagaIdProperties, an_id_finds_its_shard_and_reads_back) {
  EXPECT_TRUE(rc::check("ids", [] {
    const auto shard = *rc::gen::inRange<std::uint16_t>(0, shards_max);
    const auto ms = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 48);
    const SagaId id = SagaId::make(WallTime(Millis(ms)), shard, *rc::gen::arbitrary<std::uint64_t>());

    RC_ASSERT(id.shard() == shard);
    RC_ASSERT(SagaId::parse(id.text()) == std::optional(id));
    const SagaId later = SagaId::make(WallTime(Millis(ms + 1)), shard, 0);
    RC_ASSERT(ms + 1 >= std::int64_t{1} << 48 || id.text() < later.text());
  }));
}

TEST(SagaIdProperties, whatever_reads_as_an_id_is_written_the_same) {
  EXPECT_TRUE(rc::check("one text for one id", [] {
    std::string text =
        SagaId::make(WallTime(Millis(1'700'000'000'000)), 5, *rc::gen::arbitrary<std::uint64_t>()).text();
    text[*rc::gen::inRange<std::size_t>(0, text.size())] =
        *rc::gen::elementOf(std::string("0123456789abcdefABC-xz \xff"));

    const auto id = SagaId::parse(text);

    RC_ASSERT(!id || id->text() == text);
  }));
}

TEST(TextProperties, shown_text_is_clean_and_short_text_keeps_its_bound) {
  EXPECT_TRUE(rc::check("text", [] {
    const std::string any = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const auto bound = *rc::gen::inRange<std::size_t>(0, 40);

    const std::string shown = escape_controls(any);

    RC_ASSERT(is_clean_utf8(shown));
    RC_ASSERT(shorten(shown, bound).size() <= bound);
    RC_ASSERT(is_clean_utf8(shorten(shown, bound)));
  }));
}

rc::Gen<std::string> nearly_a_row() {
  return nearly_json(
      {"[",
       "]",
       ",",
       R"({"e":"started","plan":"p@1","shape":"00","steps":2,"at":1,"key":"k","input":{}})",
       R"({"e":"prepared","s":0,"adapter":"http","endpoint":"x","body":{},"idem":"key","remembers":5})",
       R"({"e":"prepared","s":1,"d":"undo","rev":2,"adapter":"h","endpoint":"x","body":1,"idem":"none"})",
       R"({"e":"attempt","s":0,"n":1,"at":5,"until":9})",
       R"({"e":"attempt","s":7,"n":1,"at":5,"until":9})",
       R"({"e":"unknown","s":0,"n":1,"to":"backing_off","class":"timeout","error":"x","wake":99})",
       R"({"e":"done","s":0,"n":1,"to":"succeeded","r":{"a":1}})",
       R"({"e":"late","s":0,"n":1,"o":"done"})",
       R"({"e":"step","s":1,"to":"skipped","doubt":1})",
       R"({"e":"again","s":1,"rev":2})",
       R"({"e":"saga","to":"compensating","s":1,"class":"refused"})",
       R"({"e":"command","verb":"cancel","id":"c1","answer":"accepted"})",
       R"({"e":"attempt","s":-1})",
       R"({"e":"attempt","s":4294967296,"n":1,"at":18446744073709551615,"until":0})",
       R"({"e":7})",
       R"({"e":"done","s":0,"n":1,"to":"limbo","r":1})",
       "{}",
       "1"});
}

TEST(JournalProperties, any_text_is_a_row_or_an_error_and_folds_or_is_refused) {
  EXPECT_TRUE(rc::check("decode_row", [] {
    const std::string inner = *nearly_a_row();
    const std::string text = *rc::gen::arbitrary<bool>() ? inner : "[" + inner + "]";

    const DecodedRow row = decode_row(text);

    if (const auto plain = decode_plain(text)) {
      const DecodedRow other = decode_by_document(text);
      RC_ASSERT(other.error.empty());
      RC_ASSERT(other.entries == *plain);
    }
    if (row.error.empty()) {
      const std::string once = encode_row(row.entries);
      RC_ASSERT(encode_row(decode_row(once).entries) == once);
    } else {
      RC_ASSERT(row.entries.empty());
      RC_ASSERT(is_clean_utf8(row.error));
    }
    FoldedSaga folded;
    fold_row(folded, 1, from_micros(1), text);
    RC_ASSERT(row.error.empty() || !folded.error.empty());
  }));
}

}  // namespace
}  // namespace amends::properties
