// JSON from outside is hostile: this is the one door it comes in by.
#pragma once
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace amends::engine {

using Json = nlohmann::json;

struct JsonLimits {
  std::size_t depth_max = 64;
  std::size_t bytes_max = 1 << 20;
};

struct ParsedJson {
  Json value;
  std::string error;  // empty when `value` is good; else one sentence that names the place
  bool ok() const { return error.empty(); }
};

// Refuses what RFC 8259 leaves open: duplicate keys, nesting beyond depth_max, broken UTF-8, NUL inside a
// string, and numbers that a double cannot hold. Never throws on bad input. Any thread.
ParsedJson parse_json(std::string_view text, JsonLimits limits = {});

// Why canonical(value) would not be read back as the same value, as parse_json would say it; empty when it
// would. Far cheaper than reading it back.
std::string find_unstorable(const Json& value, std::size_t depth_max = JsonLimits{}.depth_max);

// The one textual form that is hashed, journalled and sent: sorted keys, no blanks, UTF-8 as it is.
// dump(parse(dump(x))) == dump(x), which is why a journalled request is resent byte for byte.
std::string canonical(const Json& value);

// Appends canonical(Json(text)).
void append_string(std::string& out, std::string_view text);

}  // namespace amends::engine
