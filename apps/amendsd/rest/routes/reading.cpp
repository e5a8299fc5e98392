#include "apps/amendsd/rest/routes/reading.hpp"

#include <charconv>

#include "engine/base/rfc3339.hpp"
#include "engine/base/text.hpp"
#include "engine/journal/entry.hpp"

namespace amends::rest {
namespace {

std::string shown_name(std::string_view text) {
  return "'" + engine::escape_controls(engine::shorten(text, 64)) + "'";
}

std::optional<std::uint32_t> parse_count(std::string_view text) {
  std::uint32_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = !text.empty() && end.ec == std::errc() && end.ptr == text.data() + text.size();
  return good ? std::optional(value) : std::nullopt;
}

}  // namespace

Json read_object(const httplib::Request& request) {
  // The front has bounded the body already; the door bounds depth and what JSON leaves open.
  engine::ParsedJson parsed =
      engine::parse_json(request.body, {.depth_max = 64, .bytes_max = std::size_t{64} << 20});
  if (!parsed.ok()) throw BadRequest{"the body is refused: " + engine::escape_controls(parsed.error)};
  if (!parsed.value.is_object()) throw BadRequest{"the body must be a JSON object"};
  return std::move(parsed.value);
}

Members::Members(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (!object.is_object()) refuse("must be an object");
}

const Json* Members::find(const char* name) {
  asked_.insert(name);
  const auto it = object_.find(name);
  return it == object_.end() ? nullptr : &*it;
}

std::string Members::text(const char* name, bool required) {
  const Json* value = find(name);
  if (value == nullptr && required) refuse(shown_name(name) + " is missing");
  if (value == nullptr) return {};
  if (!value->is_string()) refuse(shown_name(name) + " must be a string");
  return value->get<std::string>();
}

std::optional<std::uint32_t> Members::count(const char* name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() > 0xffffffffu)
    refuse(shown_name(name) + " must be a whole number from 0 to 4294967295");
  return value->get<std::uint32_t>();
}

std::optional<bool> Members::flag(const char* name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) refuse(shown_name(name) + " must be true or false");
  return value->get<bool>();
}

std::vector<engine::Tag> Members::tags(const char* name) {
  const Json* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_object()) refuse(shown_name(name) + " must be an object of strings");
  std::vector<engine::Tag> out;
  for (const auto& [tag, text] : value->items()) {
    if (!text.is_string()) refuse(shown_name(name) + " must be an object of strings");
    out.push_back({tag, text.get<std::string>()});
  }
  return out;
}

void Members::finish() const {
  for (const auto& [name, value] : object_.items())
    if (!asked_.contains(name)) refuse(shown_name(name) + " is not a known member");
}

Query::Query(const httplib::Request& request) : request_(request) {
  for (auto it = request.params.begin(); it != request.params.end(); ++it) {
    if (request.params.count(it->first) > 1)
      throw BadRequest{"the query parameter " + shown_name(it->first) + " occurs twice"};
    if (!engine::is_clean_utf8(it->second))
      throw BadRequest{"the query parameter " + shown_name(it->first) + " is not clean UTF-8"};
  }
}

std::string Query::text(const char* name) {
  asked_.insert(name);
  const auto it = request_.params.find(name);
  return it == request_.params.end() ? std::string() : it->second;
}

std::uint32_t Query::count(const char* name, std::uint32_t otherwise, std::uint32_t least,
                           std::uint32_t most) {
  const std::string value = text(name);
  if (value.empty()) return otherwise;
  const auto number = parse_count(value);
  if (!number || *number < least || *number > most)
    throw BadRequest{shown_name(name) + " must be " + std::to_string(least) + " to " + std::to_string(most)};
  return *number;
}

std::optional<engine::WallTime> Query::time(const char* name) {
  const std::string value = text(name);
  if (value.empty()) return std::nullopt;
  const auto at = engine::parse_rfc3339(value);
  if (!at) throw BadRequest{shown_name(name) + " must be an RFC 3339 time such as 2026-11-24T00:00:00Z"};
  return at;
}

std::optional<engine::SagaId> Query::saga(const char* name) {
  const std::string value = text(name);
  if (value.empty()) return std::nullopt;
  const auto id = engine::SagaId::parse(value);
  if (!id) throw BadRequest{shown_name(name) + " is not one that a list has given"};
  return id;
}

std::optional<engine::SagaIdRange> Query::id_prefix(const char* name) {
  const std::string value = text(name);
  if (value.empty()) return std::nullopt;
  const auto range = engine::id_range(value);
  if (!range)
    throw BadRequest{shown_name(name) + " must be the first characters of an id, at least " +
                     std::to_string(engine::id_prefix_chars_min) + " and fewer than all"};
  return range;
}

std::optional<std::chrono::milliseconds> Query::duration(const char* name, std::chrono::milliseconds most) {
  const std::string value = text(name);
  if (value.empty()) return std::nullopt;
  const bool in_ms = value.size() > 2 && value.substr(value.size() - 2) == "ms";
  const auto number = parse_count(std::string_view(value).substr(0, value.size() - (in_ms ? 2 : 1)));
  const std::chrono::milliseconds span{in_ms ? number.value_or(0) : std::uint64_t{number.value_or(0)} * 1000};
  if (!number || (!in_ms && value.back() != 's') || span > most)
    throw BadRequest{shown_name(name) + " must be a duration such as 10s or 500ms, at most " +
                     std::to_string(most.count() / 1000) + "s"};
  return span;
}

std::vector<engine::Tag> Query::with_prefix(const std::string& prefix) {
  std::vector<engine::Tag> out;
  for (const auto& [name, value] : request_.params) {
    if (name.rfind(prefix, 0) != 0) continue;
    asked_.insert(name);
    out.push_back({name.substr(prefix.size()), value});
  }
  return out;
}

void Query::finish() const {
  for (const auto& [name, value] : request_.params)
    if (!asked_.contains(name)) throw BadRequest{shown_name(name) + " is not a known query parameter"};
}

engine::SagaFilter read_filter(Query& query) {
  engine::SagaFilter out;
  out.workflow = query.text("workflow");
  out.state = query.text("state");
  if (!out.state.empty() && !engine::find_saga_state(out.state))
    throw BadRequest{
        "'state' must be running, compensating, completed, compensated, needs_operator or abandoned"};
  out.key = query.text("key");
  out.created_since = query.time("since");
  out.created_before = query.time("before");
  out.tags = query.with_prefix("tag.");
  return out;
}

}  // namespace amends::rest
