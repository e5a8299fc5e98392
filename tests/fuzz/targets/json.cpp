// The one door for JSON: what comes in is refused in a printable sentence, or is read the same for ever.
#include "engine/base/json.hpp"

#include "engine/base/text.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using engine::Json;

std::size_t depth_of(const Json& value) {
  std::size_t deepest = 0;
  if (value.is_structured())
    for (const Json& one : value) deepest = std::max(deepest, depth_of(one));
  return value.is_structured() ? deepest + 1 : 0;
}

void hold_read(std::string_view input, engine::JsonLimits limits) {
  const engine::ParsedJson parsed = engine::parse_json(input, limits);
  if (!parsed.ok()) {
    AMENDS_HOLDS(parsed.value.is_null(), "a refused text gives no value");
    AMENDS_HOLDS(is_sentence(parsed.error, 200), "the refusal is a short printable sentence");
    return;
  }
  AMENDS_HOLDS(input.size() <= limits.bytes_max, "the bound on bytes holds");
  AMENDS_HOLDS(depth_of(parsed.value) <= limits.depth_max, "the bound on depth holds");
  AMENDS_HOLDS(engine::find_unstorable(parsed.value, limits.depth_max).empty(),
               "what was let in may be stored");
  const std::string once = engine::canonical(parsed.value);
  AMENDS_HOLDS(engine::is_clean_utf8(once), "the canonical form is clean UTF-8");
  const engine::ParsedJson again = engine::parse_json(once, {limits.depth_max, once.size()});
  AMENDS_HOLDS(again.ok(), "the canonical form is read back");
  AMENDS_HOLDS(again.value == parsed.value, "the canonical form is read back as the same value");
  AMENDS_HOLDS(engine::canonical(again.value) == once, "the canonical form is written back byte for byte");
}

}  // namespace

AMENDS_FUZZ_TARGET(json) {
  hold_read(input, {});
  hold_read(input, {.depth_max = 3, .bytes_max = 64});
  if (!engine::is_clean_utf8(input)) return;
  std::string as_text;
  engine::append_string(as_text, input);
  const engine::ParsedJson text = engine::parse_json(as_text, {.depth_max = 0, .bytes_max = as_text.size()});
  AMENDS_HOLDS(text.ok() && text.value.get<std::string>() == input, "a string that was written is read back");
}

}  // namespace amends::fuzz
