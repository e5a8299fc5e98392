// The short way from text to value, held against the long one.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <amends/data.hpp>

namespace {

using amends::Json;
using amends::read_plain;

struct Line {
  std::string sku;
  std::int8_t count = 0;
  AMENDS_DATA(Line, sku, count)
  bool operator==(const Line&) const = default;
};
struct Parcel {
  bool gift = false;
  std::int64_t cents = 0;
  std::uint64_t big = 0;
  std::optional<std::string> note;
  std::vector<Line> lines;
  std::vector<bool> marks;
  Line first;
  AMENDS_DATA(Parcel, gift, cents, big, note, lines, marks, first)
  bool operator==(const Parcel&) const = default;
};
struct Price {
  double amount = 0;
  AMENDS_DATA(Price, amount)
};

Line any_line() {
  return {*rc::gen::container<std::string>(rc::gen::inRange(' ', '~')), *rc::gen::arbitrary<std::int8_t>()};
}

Parcel any_parcel() {
  Parcel out{*rc::gen::arbitrary<bool>(),
             *rc::gen::arbitrary<std::int64_t>(),
             *rc::gen::arbitrary<std::uint64_t>(),
             {},
             {},
             *rc::gen::arbitrary<std::vector<bool>>(),
             any_line()};
  if (*rc::gen::arbitrary<bool>()) out.note = "note";
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) out.lines.push_back(any_line());
  return out;
}

// What the long way makes of the text; nothing where it refuses.
std::optional<Parcel> decoded(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  Parcel out;
  if (json.is_discarded() || amends::decode(json, out, amends::UnknownFields::allowed)) return std::nullopt;
  return out;
}

TEST(Reader, ReadsWhatWasEncoded) {
  int short_way = 0;
  EXPECT_TRUE(rc::check([&] {
    const Parcel parcel = any_parcel();
    const std::string text = amends::encode(parcel).dump();

    Parcel back;
    const bool plain = read_plain(text, back);

    short_way += plain;
    RC_ASSERT(!plain || back == parcel);
  }));
  EXPECT_GT(short_way, 10);
}

TEST(Reader, TakesNothingThatTheLongWayRefusesOrReadsOtherwise) {
  EXPECT_TRUE(rc::check([] {
    std::string text = amends::encode(any_parcel()).dump();
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const char put = *rc::gen::elementOf(std::string("0-9.eE,:\"{}[]\\ntf x\x80\x01"));
    if (*rc::gen::arbitrary<bool>())
      text[at] = put;
    else
      text.insert(at, 1, put);

    Parcel read;
    if (!read_plain(text, read)) return;

    RC_ASSERT(decoded(text) == read);
  }));
}

TEST(Reader, PassesOverPlainMembersThatTheTypeDoesNotKnow) {
  Line line;
  EXPECT_TRUE(read_plain(R"({"a":null,"count":7,"flag":true,"n":-12,"sku":"x","zzz":"y"})", line));
  EXPECT_EQ(line, (Line{"x", 7}));
}

TEST(Reader, GivesUpWhereItIsNotSure) {
  for (const char* text :
       {R"({"count":7})", R"({"count":128,"sku":"x"})", R"({"count":1.0,"sku":"x"})",
        R"({"count":01,"sku":"x"})", R"({"count":-0,"sku":"x"})", R"({"count":7,"sku":"\n"})",
        "{\"count\":7,\"sku\":\"\xc3\xa9\"}", R"({"count":7,"sku":"x"} )", R"({"count":7,"sku":"x",})",
        R"({"count":7,"more":{},"sku":"x"})", "{}", ""}) {
    Line line;
    EXPECT_FALSE(read_plain(text, line)) << text;
  }
  Price price;
  EXPECT_FALSE(read_plain(R"({"amount":1.5})", price));
  amends::Nothing nothing;
  EXPECT_FALSE(read_plain("{}", nothing));
}

}  // namespace
