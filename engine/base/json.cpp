#include "engine/base/json.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "engine/base/text.hpp"

namespace amends::engine {
namespace {

std::string too_deep(std::size_t depth_max) {
  return "nested deeper than " + std::to_string(depth_max) + " levels";
}

constexpr const char* holds_nul = "a string holds a NUL character";

// Builds the document through nlohmann's own SAX consumer and refuses on the way what the consumer would let
// pass.
class StrictReader {
 public:
  StrictReader(Json& out, JsonLimits limits) : build_(out, false), limits_(limits) {}

  bool null() { return build_.null(); }
  bool boolean(bool v) { return build_.boolean(v); }
  bool number_integer(Json::number_integer_t v) { return build_.number_integer(v); }
  bool number_unsigned(Json::number_unsigned_t v) { return build_.number_unsigned(v); }
  bool number_float(Json::number_float_t v, const std::string& text) {
    if (!std::isfinite(v)) return refuse("the number " + text + " is out of range");
    return build_.number_float(v, text);
  }
  bool string(std::string& v) { return no_nul(v) && build_.string(v); }
  bool binary(Json::binary_t& v) { return build_.binary(v); }
  bool start_object(std::size_t n) {
    keys_.emplace_back();
    return not_too_deep() && build_.start_object(n);
  }
  bool end_object() {
    keys_.pop_back();
    return build_.end_object();
  }
  bool start_array(std::size_t n) {
    keys_.emplace_back();
    return not_too_deep() && build_.start_array(n);
  }
  bool end_array() {
    keys_.pop_back();
    return build_.end_array();
  }
  bool key(std::string& k) {
    if (!no_nul(k)) return false;
    if (!keys_.back().insert(k).second)
      return refuse("the key \"" + shorten(escape_controls(k), 64) + "\" occurs twice in one object");
    return build_.key(k);
  }
  bool parse_error(std::size_t at, const std::string& token, const nlohmann::detail::exception&) {
    return refuse("not JSON at byte " + std::to_string(at) + ", near '" +
                  shorten(escape_controls(token), 40) + "'");
  }

  std::string error;

 private:
  bool refuse(std::string sentence) {
    if (error.empty()) error = std::move(sentence);
    return false;
  }
  bool no_nul(const std::string& s) { return s.find('\0') == std::string::npos || refuse(holds_nul); }
  bool not_too_deep() { return keys_.size() <= limits_.depth_max || refuse(too_deep(limits_.depth_max)); }

  nlohmann::detail::json_sax_dom_parser<Json> build_;
  JsonLimits limits_;
  std::vector<std::set<std::string>> keys_;
};

std::string find_unstorable_text(std::string_view text) {
  if (is_clean_utf8(text)) return {};
  return text.find('\0') != std::string_view::npos ? holds_nul : "a string is not UTF-8";
}

// `depth_left` counts the levels that may still be opened, which bounds the recursion too.
std::string find_unstorable_in(const Json& value, std::size_t depth_left, std::size_t depth_max) {
  std::string wrong;
  switch (value.type()) {
    case Json::value_t::null:
    case Json::value_t::boolean:
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: return {};
    case Json::value_t::number_float:
      return std::isfinite(value.get<double>()) ? std::string() : "a number is not finite";
    case Json::value_t::string: return find_unstorable_text(value.get_ref<const std::string&>());
    case Json::value_t::binary:
    case Json::value_t::discarded: return std::string("JSON has no ") + value.type_name();
    case Json::value_t::array:
      if (depth_left == 0) return too_deep(depth_max);
      for (const Json& one : value)
        if (wrong = find_unstorable_in(one, depth_left - 1, depth_max); !wrong.empty()) break;
      return wrong;
    case Json::value_t::object:
      if (depth_left == 0) return too_deep(depth_max);
      for (const auto& [key, one] : value.get_ref<const Json::object_t&>()) {
        wrong = find_unstorable_text(key);
        if (wrong.empty()) wrong = find_unstorable_in(one, depth_left - 1, depth_max);
        if (!wrong.empty()) break;
      }
      return wrong;
  }
  return wrong;
}

bool stands_for_itself(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x80 && c != '"' &&
         c != '\\';
}

}  // namespace

std::string find_unstorable(const Json& value, std::size_t depth_max) {
  return find_unstorable_in(value, depth_max, depth_max);
}

void append_string(std::string& out, std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), stands_for_itself)) {
    out += canonical(Json(text));
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

ParsedJson parse_json(std::string_view text, JsonLimits limits) {
  ParsedJson out;
  if (text.size() > limits.bytes_max) {
    out.error = "longer than " + std::to_string(limits.bytes_max) + " bytes";
    return out;
  }
  StrictReader reader(out.value, limits);
  const bool good = Json::sax_parse(text, &reader);
  if (!good || !reader.error.empty()) {
    out.error = reader.error.empty() ? "not JSON" : reader.error;
    out.value = nullptr;
  }
  return out;
}

std::string canonical(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace amends::engine
