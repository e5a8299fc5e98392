#include "adapters/effect/http/header_block.hpp"

#include <charconv>
#include <cstdint>

namespace amends::http {
namespace {

void append_hex(std::string& out, std::uint64_t value, int digits) {
  static constexpr char alphabet[] = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += alphabet[value >> shift & 15];
}

// FNV-1a over the key, which names saga, step, direction and revision, then the attempt's number.
std::uint64_t span_of(const engine::Attempt& attempt) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : attempt.key) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3u;
  hash = (hash ^ attempt.number) * 0x100000001b3u;
  return hash != 0 ? hash : 1;  // all zeros means "no span"
}

}  // namespace

std::string traceparent(const engine::Attempt& attempt) {
  std::string out = "00-";
  out.reserve(55);
  for (const std::uint8_t byte : attempt.saga.bytes) append_hex(out, byte, 2);
  out += '-';
  append_hex(out, span_of(attempt), 16);
  out += "-01";
  return out;
}

void HeaderBlock::add(std::string_view name, std::string_view value) {
  starts_.push_back(text_.size());
  text_ += name;
  // libcurl's own notation: "Name;" sends an empty header, "Name:" would take one away.
  if (value.empty()) {
    text_ += ';';
  } else {
    text_ += ": ";
    text_ += value;
  }
  text_ += '\0';
}

void HeaderBlock::add_number(std::string_view name, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  add(name, {digits, static_cast<std::size_t>(end - digits)});
}

void HeaderBlock::compose(const engine::Attempt& attempt, const RequestData& request,
                          const Endpoint& endpoint, std::string_view bearer) {
  text_.clear();
  starts_.clear();
  add("Accept", "application/json");
  if (request.has_body) {
    add("Content-Type", "application/json");
  } else {
    starts_.push_back(text_.size());
    text_ += "Content-Type:";  // libcurl would call an empty POST a form
    text_ += '\0';
  }
  add("Idempotency-Key", attempt.key);
  add("Amends-Saga", attempt.saga.text());
  add("Amends-Step", attempt.step_name);
  add("Amends-Direction", engine::name_of(attempt.direction));
  add_number("Amends-Attempt", attempt.number);
  add_number("Amends-Epoch", attempt.epoch);
  if (attempt.not_after != engine::WallTime{})
    add_number("Amends-Not-After", static_cast<std::uint64_t>(engine::to_micros(attempt.not_after) / 1000));
  add("traceparent", traceparent(attempt));
  for (const auto& [name, value] : endpoint.config.headers) add(name, value);
  for (const auto& [name, value] : request.headers) add(name, value);
  if (!bearer.empty()) add("Authorization", std::string("Bearer ").append(bearer));

  nodes_.resize(starts_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].data = text_.data() + starts_[i];
    nodes_[i].next = i + 1 < nodes_.size() ? &nodes_[i + 1] : nullptr;
  }
}

}  // namespace amends::http
