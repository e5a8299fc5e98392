// Durable values to JSON and back.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <amends/data.hpp>

namespace {

using amends::decode;
using amends::Json;
using amends::UnknownFields;

struct Item {
  std::string sku;
  std::uint8_t count = 0;
  AMENDS_DATA(Item, sku, count)
  bool operator==(const Item&) const = default;
};
struct Basket {
  bool gift = false;
  std::int64_t cents = 0;
  std::uint64_t big = 0;
  double weight = 0;
  std::optional<std::string> note;
  std::vector<Item> items;
  std::map<std::string, Item> by_name;
  AMENDS_DATA(Basket, gift, cents, big, weight, note, items, by_name)
  bool operator==(const Basket&) const = default;
};
struct Tree {
  std::vector<Tree> children;
  AMENDS_DATA(Tree, children)
};

Item any_item() {
  return {*rc::gen::container<std::string>(rc::gen::inRange(' ', '~')), *rc::gen::arbitrary<std::uint8_t>()};
}

TEST(Data, ComesBackFromItsTextAsItWas) {
  EXPECT_TRUE(rc::check([] {
    Basket basket{*rc::gen::arbitrary<bool>(),
                  *rc::gen::arbitrary<std::int64_t>(),
                  *rc::gen::arbitrary<std::uint64_t>(),
                  *rc::gen::arbitrary<double>(),
                  {},
                  {},
                  {}};
    if (*rc::gen::arbitrary<bool>()) basket.note = "note";
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) basket.items.push_back(any_item());
    for (const Item& item : basket.items) basket.by_name[item.sku] = item;

    Basket back;
    const auto wrong = decode(Json::parse(amends::encode(basket).dump()), back, UnknownFields::refused);

    RC_ASSERT(wrong == std::nullopt);
    RC_ASSERT(back == basket);
  }));
}

TEST(Data, IsNeitherRoundedNorWrappedNorMadeOfABool) {
  const auto wrong = [](std::string_view text) {
    Item item;
    return decode(Json::parse(text), item, UnknownFields::refused).value_or("");
  };
  EXPECT_EQ(wrong(R"({"sku":"a","count":255})"), "");
  EXPECT_EQ(wrong(R"({"sku":"a","count":256})"), "'count' must be from 0 to 255");
  EXPECT_EQ(wrong(R"({"sku":"a","count":-1})"), "'count' must be from 0 to 255");
  EXPECT_EQ(wrong(R"({"sku":"a","count":1.0})"), "'count' must be a whole number, not number");
  EXPECT_EQ(wrong(R"({"sku":"a","count":true})"), "'count' must be a whole number, not boolean");
  EXPECT_EQ(wrong(R"({"sku":null,"count":1})"), "'sku' must be a string, not null");
  EXPECT_EQ(wrong("[]"), "the value must be an object, not array");
}

TEST(Data, NamesTheWayToWhatIsWrong) {
  Basket basket;
  Json json = amends::encode(basket);
  json["items"] = Json::parse(R"([{"sku":"a","count":1},{"sku":"b"}])");
  json["by_name"] = Json::parse(R"({"x":{"sku":1,"count":1}})");
  EXPECT_EQ(decode(json, basket, UnknownFields::allowed),
            "'items[1].count' is missing, 'by_name[x].sku' must be a string, not number");
}

TEST(Data, SaysAtMostEightThingsAndCountsTheRest) {
  Json json = Json::object();
  for (int i = 0; i < 100; ++i) json["unknown" + std::to_string(i)] = i;
  Tree tree;
  const std::string said = decode(json, tree, UnknownFields::refused).value_or("");
  EXPECT_LT(said.size(), 600u);
  EXPECT_NE(said.find("(and 93 more)"), std::string::npos) << said;
}

TEST(Data, IsNamedWithTheTypesOfItsFields) {
  EXPECT_EQ(amends::type_name<Item>(), "Item{sku:string,count:int}");
  EXPECT_EQ(
      amends::type_name<Basket>(),
      "Basket{gift:bool,cents:int,big:int,weight:number,note:string?,items:[Item{sku:string,count:int}],"
      "by_name:map[Item{sku:string,count:int}]}");
  EXPECT_EQ(amends::type_name<Tree>(), "Tree{children:[Tree]}");
  EXPECT_EQ(amends::type_name<amends::Nothing>(), "Nothing{}");
}

TEST(Data, TakesAnyReplyForNothing) {
  amends::Nothing nothing;
  for (const char* text : {"null", "{}", "[1]", R"({"a":1})"})
    EXPECT_EQ(decode(Json::parse(text), nothing, UnknownFields::allowed), std::nullopt);
}

}  // namespace
