// The short way from JSON to an author's value, against the long one: it may give up, but never reads what
// the long way refuses, nor another value.
#include <amends/data.hpp>

#include "engine/base/json.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace shop {  // not an anonymous one: clang minds the friends that nobody calls

struct Item {
  std::string sku;
  std::int32_t count = 0;
  std::uint8_t weight = 0;
  AMENDS_DATA(Item, sku, count, weight)
};

struct Order {
  std::string id;
  std::uint64_t total = 0;
  bool gift = false;
  std::optional<std::string> note;
  std::optional<std::int16_t> discount;
  std::vector<Item> items;
  std::vector<std::vector<std::int64_t>> table;
  AMENDS_DATA(Order, id, total, gift, note, discount, items, table)
};

}  // namespace shop
namespace {

using namespace shop;

template <class T>
void hold_same(std::string_view text, const engine::ParsedJson& parsed) {
  T value{};
  if (!read_plain(text, value)) return;
  AMENDS_HOLDS(parsed.ok(), "what is read the short way is JSON");
  T slowly{};
  const auto wrong = decode(parsed.value, slowly, UnknownFields::allowed);
  AMENDS_HOLDS(!wrong, "what is read the short way is read the long way");
  AMENDS_HOLDS(encode(value) == encode(slowly), "and as the same value");
}

template <class T>
void hold_decoded(const engine::ParsedJson& parsed) {
  T value{};
  const auto wrong = decode(parsed.value, value, UnknownFields::refused);
  if (wrong) {
    AMENDS_HOLDS(wrong->size() < 4'000, "what is wrong is said shortly");
    return;
  }
  T again{};
  AMENDS_HOLDS(!decode(encode(value), again, UnknownFields::refused), "a value that was written is read");
  AMENDS_HOLDS(encode(again) == encode(value), "and as the same value");
}

}  // namespace

AMENDS_FUZZ_TARGET(plain_reader) {
  const engine::ParsedJson parsed = engine::parse_json(input);
  // It is given canonical text; a key that stands twice is the strict reader's to refuse.
  const bool canonical = parsed.ok() && engine::canonical(parsed.value) == input;
  if (parsed.ok()) {
    hold_decoded<Item>(parsed);
    hold_decoded<Order>(parsed);
  }
  if (!canonical) return;
  hold_same<Item>(input, parsed);
  hold_same<Order>(input, parsed);
}

}  // namespace amends::fuzz
