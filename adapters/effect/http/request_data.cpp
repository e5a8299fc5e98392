#include "adapters/effect/http/request_data.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "engine/base/json.hpp"
#include "engine/base/text.hpp"

namespace amends::http {
namespace {

// Walks over the members of one canonical JSON object without looking into their values.
class Members {
 public:
  explicit Members(std::string_view text) : text_(text) {}

  // False at the end, or with broken() when the text is not what it should be.
  bool next(std::string_view& key, std::string_view& value) {
    const bool first = at_ == 0;
    if (first && !take('{')) return fail();
    if (first ? text_.substr(at_) == "}" : !take(',')) return finish();
    const std::size_t key_at = at_;
    if (!skip_string()) return fail();
    key = text_.substr(key_at + 1, at_ - key_at - 2);
    if (!take(':')) return fail();
    const std::size_t value_at = at_;
    if (!skip_value()) return fail();
    value = text_.substr(value_at, at_ - value_at);
    return true;
  }
  bool broken() const { return broken_; }

 private:
  bool fail() {
    broken_ = true;
    return false;
  }
  bool finish() { return text_.substr(at_) == "}" ? false : fail(); }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool skip_string() {
    if (!take('"')) return false;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return true;
      }
    }
    return false;
  }
  bool skip_value() {
    std::size_t depth = 0;
    const std::size_t start = at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string()) return false;
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}')) return at_ > start;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool broken_ = false;
};

bool is_token_char(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// A JSON string without escapes, bare; every legal method and path is one.
std::optional<std::string_view> bare_string(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.find('\\') != value.npos) return std::nullopt;
  return value.substr(1, value.size() - 2);
}

std::string read_headers(std::string_view text, RequestData& out) {
  const auto parsed = engine::parse_json(text);
  if (!parsed.ok() || !parsed.value.is_object()) return "\"headers\" is not an object";
  if (parsed.value.size() > 32) return "more than 32 headers";
  for (const auto& [name, value] : parsed.value.items()) {
    const auto shown = engine::escape_controls(engine::shorten(name, 64));
    if (!may_set_header(name)) return "the header \"" + shown + "\" is not a step's to set";
    if (!value.is_string() || !is_header_value(value.get_ref<const std::string&>()))
      return "the value of the header \"" + shown + "\" is not visible ASCII";
    out.headers.emplace_back(name, value.get<std::string>());
  }
  return {};
}

std::string read_member(std::string_view key, std::string_view value, RequestData& out) {
  static constexpr std::array<std::string_view, 5> methods = {"GET", "POST", "PUT", "PATCH", "DELETE"};
  if (key == "body") {
    out.body = value;
    out.has_body = true;
  } else if (key == "headers") {
    return read_headers(value, out);
  } else if (key == "method") {
    out.method = bare_string(value).value_or("");
    if (std::ranges::find(methods, out.method) == methods.end())
      return "\"method\" is none of GET, POST, PUT, PATCH, DELETE";
  } else if (key == "path") {
    out.path = bare_string(value).value_or("");
    if (!is_path(out.path)) return "\"path\" is not a percent-encoded path that starts with '/'";
  } else {
    return "unknown member \"" + engine::escape_controls(engine::shorten(key, 64)) + "\"";
  }
  return {};
}

}  // namespace

bool may_set_header(std::string_view name) {
  static constexpr std::string_view reserved[] = {"accept",
                                                  "accept-encoding",
                                                  "authorization",
                                                  "connection",
                                                  "content-encoding",
                                                  "content-length",
                                                  "content-type",
                                                  "cookie",
                                                  "expect",
                                                  "host",
                                                  "idempotency-key",
                                                  "keep-alive",
                                                  "proxy-authorization",
                                                  "proxy-connection",
                                                  "te",
                                                  "traceparent",
                                                  "tracestate",
                                                  "trailer",
                                                  "transfer-encoding",
                                                  "upgrade",
                                                  "user-agent"};
  if (name.empty() || name.size() > 128 || !std::ranges::all_of(name, is_token_char)) return false;
  std::string low(name);
  std::ranges::transform(low, low.begin(), lower);
  return std::ranges::find(reserved, low) == std::end(reserved) && !low.starts_with("amends-");
}

bool is_header_value(std::string_view value) {
  return value.size() <= 4096 &&
         std::ranges::all_of(value, [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; });
}

bool is_path(std::string_view path) {
  if (!path.starts_with('/') || path.starts_with("//") || path.size() > 8192) return false;
  std::size_t dots = 0, others = 0;  // of the segment so far
  const auto segment_ends = [&] { return !(dots == 2 && others == 0); };
  bool in_query = false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c == '%') {
      if (i + 2 >= path.size()) return false;
      const int high = hex_value(path[i + 1]), low = hex_value(path[i + 2]);
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return false;
      i += 2;
      const int byte = high * 16 + low;
      if (byte == '/' || byte == '\\') {  // some servers decode first and split then
        if (!segment_ends()) return false;
        dots = others = 0;
      } else {
        ++(byte == '.' ? dots : others);
      }
      continue;
    }
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && std::string_view("-._~!$&'()*+,;=:@/?").find(c) == std::string_view::npos) return false;
    if (!in_query && (c == '/' || c == '?')) {
      if (!segment_ends()) return false;
      dots = others = 0;
      in_query = c == '?';
    } else if (c == '.') {
      ++dots;
    } else {
      ++others;
    }
  }
  return in_query || segment_ends();
}

RequestData parse_request(std::string_view text) {
  RequestData out;
  Members members(text);
  std::string_view key, value, last;
  while (members.next(key, value)) {
    // Canonical keys ascend, so this also refuses a key that stands there twice.
    out.error = last.empty() || last < key ? read_member(key, value, out) : "the members are not in order";
    if (!out.ok()) return out;
    last = key;
  }
  if (members.broken())
    out.error = "the request is not a canonical JSON object";
  else if (out.method.empty())
    out.error = "\"method\" is missing";
  else if (out.path.empty())
    out.error = "\"path\" is missing";
  else if (out.method == "GET" && out.has_body)
    out.error = "a GET has no body";
  return out;
}

}  // namespace amends::http
