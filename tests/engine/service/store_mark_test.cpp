#include "engine/service/store_mark.hpp"

#include <gtest/gtest.h>

namespace amends::engine {
namespace {

TEST(StoreMark, ReadsBackAsItWasWritten) {
  const StoreMark mark{{1, 9, 812}, {3, 2, 0}};

  const auto again = decode_mark(encode_mark(mark));

  ASSERT_TRUE(again);
  EXPECT_EQ(why_restored(mark, *again), "");
  EXPECT_EQ(why_restored(*again, mark), "");
  EXPECT_EQ(encode_mark(*again), encode_mark(mark));
}

TEST(StoreMark, AStoreThatIsFurtherIsTheSameOne) {
  EXPECT_EQ(why_restored({{1, 9, 812}}, {{1, 9, 813}}), "");
  EXPECT_EQ(why_restored({{1, 9, 812}}, {{1, 10, 812}, {2, 1, 1}}), "");
  EXPECT_EQ(why_restored({}, {}), "");
}

TEST(StoreMark, SaysWhatAnOlderStoreHasLost) {
  EXPECT_EQ(why_restored({{1, 9, 812}}, {{1, 9, 640}}),
            "writer 1 had come to flush 812 of epoch 9, and is at flush 640 of epoch 9");
  EXPECT_EQ(why_restored({{1, 9, 812}}, {{1, 8, 900}}),
            "writer 1 had come to flush 812 of epoch 9, and is at flush 900 of epoch 8");
  EXPECT_EQ(why_restored({{1, 9, 812}, {2, 1, 3}}, {{1, 9, 812}}),
            "writer 2 had come to flush 3 of epoch 1, and is not in the store");
}

TEST(StoreMark, IsNotMadeUpOfAnythingElse) {
  for (const char* text :
       {"", "{}", "[]", "null", R"({"writers":{}})", R"({"writers":[7]})",
        R"({"writers":[{"writer":1,"epoch":2}]})", R"({"writers":[{"writer":-1,"epoch":2,"flush":3}]})",
        R"({"writers":[{"writer":4294967296,"epoch":2,"flush":3}]})",
        R"({"writers":[{"writer":1,"epoch":"2","flush":3}]})"})
    EXPECT_FALSE(decode_mark(text)) << text;
}

}  // namespace
}  // namespace amends::engine
