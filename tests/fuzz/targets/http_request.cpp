// What a step asks of the HTTP adapter, and the lines that go onto the wire for it.
#include "adapters/effect/http/header_block.hpp"
#include "engine/base/json.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

// Put into the path or a header, it must not begin another line or another request.
bool is_one_line(std::string_view text) {
  for (const unsigned char c : text)
    if ((c < 0x20 && c != '\t') || c >= 0x7f) return false;
  return true;
}

void hold_lines(const http::RequestData& request) {
  engine::Attempt attempt;
  attempt.saga = engine::SagaId::make(engine::from_micros(1'700'000'000'000'000), 7, 42);
  attempt.step_name = "reserve-stock";
  attempt.key = attempt.saga.text() + "/reserve-stock/run/1";
  http::HttpEndpoint configured;
  configured.name = "shop";
  configured.base_url = "http://shop.example";
  const http::Endpoint endpoint(configured, {});
  http::HeaderBlock block;
  block.compose(attempt, request, endpoint, "secret");
  std::size_t lines = 0, keys = 0;
  for (const curl_slist* at = block.list(); at != nullptr; at = at->next, ++lines) {
    const std::string_view line(at->data);
    AMENDS_HOLDS(is_one_line(line), "a header is one line");
    AMENDS_HOLDS(line.find_first_of(":;") != line.npos, "a header has a name");
    keys += line.starts_with("Idempotency-Key: ") ? 1 : 0;
  }
  AMENDS_HOLDS(keys == 1, "the key is the engine's alone");
  AMENDS_HOLDS(lines <= 10 + request.headers.size(), "a header of a step is one header");
}

void hold_request(std::string_view text, const engine::ParsedJson& parsed) {
  const http::RequestData request = http::parse_request(text);
  AMENDS_HOLDS(is_sentence(request.error, 300),
               "why it cannot be sent is said in a short printable sentence");
  if (!request.ok()) return;
  AMENDS_HOLDS(request.path.starts_with('/') && !request.path.starts_with("//") &&
                   is_one_line(request.path) && request.path.find_first_of(" \\#") == request.path.npos,
               "a path stays on its host");
  for (const auto& [name, value] : request.headers)
    AMENDS_HOLDS(http::may_set_header(name) && is_one_line(value), "a step sets what it may");
  hold_lines(request);
  // Cut out of the text, against read the long way.
  AMENDS_HOLDS(parsed.value.at("method") == request.method && parsed.value.at("path") == request.path,
               "it is what the JSON says");
  AMENDS_HOLDS(parsed.value.contains("body") == request.has_body, "a body is there or not");
  if (request.has_body)
    AMENDS_HOLDS(engine::canonical(parsed.value["body"]) == request.body,
                 "the body is the JSON's, byte for byte");
  AMENDS_HOLDS(
      parsed.value.size() == 2u + (request.has_body ? 1 : 0) + (parsed.value.contains("headers") ? 1 : 0),
      "nothing else stands in it");
}

}  // namespace

AMENDS_FUZZ_TARGET(http_request) {
  http::parse_request(input);
  const engine::ParsedJson parsed = engine::parse_json(input);
  if (parsed.ok()) hold_request(engine::canonical(parsed.value), parsed);
}

}  // namespace amends::fuzz
