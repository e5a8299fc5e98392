#include <limits>
#include <stdexcept>

#include "engine/base/json.hpp"
#include "engine/base/text.hpp"
#include "engine/journal/bounds.hpp"
#include "engine/journal/decode_plain.hpp"
#include "engine/journal/entry.hpp"

namespace amends::engine {
namespace {

struct BadEntry : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Reads one object, and insists: a journal row that is not exactly ours is not used at all.
class ObjectReader {
 public:
  explicit ObjectReader(const Json& object) : object_(object) {
    if (!object.is_object()) throw BadEntry("an entry is not an object");
  }
  std::string text(const char* field) const {
    const auto it = object_.find(field);
    if (it == object_.end()) return {};
    if (!it->is_string()) throw BadEntry(std::string("'") + field + "' is not a string");
    return it->get<std::string>();
  }
  std::int64_t number(const char* field, std::optional<std::int64_t> otherwise = std::nullopt) const {
    const auto it = object_.find(field);
    if (it == object_.end() && otherwise) return *otherwise;
    if (it == object_.end() || !it->is_number_integer())
      throw BadEntry(std::string("'") + field + "' is not a number");
    if (it->is_number_unsigned() && it->get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())
      throw BadEntry(std::string("'") + field + "' is out of range");
    return it->get<std::int64_t>();
  }
  std::uint32_t count(const char* field, std::optional<std::int64_t> otherwise = std::nullopt) const {
    const std::int64_t n = number(field, otherwise);
    if (n < 0 || n > std::numeric_limits<std::uint32_t>::max())
      throw BadEntry(std::string("'") + field + "' is out of range");
    return static_cast<std::uint32_t>(n);
  }
  std::string json(const char* field) const {
    const auto it = object_.find(field);
    if (it == object_.end()) throw BadEntry(std::string("'") + field + "' is missing");
    return canonical(*it);
  }
  bool has(const char* field) const { return object_.contains(field); }
  WallTime time(const char* field) const {
    const std::int64_t micros = number(field);
    if (micros < -time_micros_max || micros > time_micros_max)
      throw BadEntry(std::string("'") + field + "' is out of range");
    return from_micros(micros);
  }
  std::optional<WallTime> find_time(const char* field) const {
    return has(field) ? std::optional(time(field)) : std::nullopt;
  }
  Direction direction() const {
    const std::string d = text("d");
    if (d.empty()) return Direction::run;
    if (d != "undo") throw BadEntry("'d' is neither absent nor undo");
    return Direction::undo;
  }
  StepState step_state(const char* field) const {
    const auto state = find_step_state(text(field));
    if (!state) throw BadEntry(std::string("'") + field + "' is no step state");
    return *state;
  }
  Outcome outcome(std::string_view name) const {
    if (const auto found = find_outcome(name)) return *found;
    throw BadEntry("unknown kind of entry '" + escape_controls(shorten(name, 40)) + "'");
  }
  Idempotency idempotency() const {
    if (const auto found = find_idempotency(text("idem"))) return *found;
    throw BadEntry("'idem' is no idempotency");
  }

 private:
  const Json& object_;
};

Entry read_prepared(const ObjectReader& r) {
  PreparedEntry e{r.count("s"), r.direction(), r.count("rev", 1), nullptr, {}};
  e.request = std::make_shared<const Request>(Request{r.text("adapter"), r.text("endpoint"), r.json("body")});
  e.facts = {r.idempotency(), Millis(r.number("remembers", 0))};
  if (e.facts.remembers < Millis(0) || e.facts.remembers > remembers_max)
    throw BadEntry("'remembers' is out of range");
  return e;
}

Entry read_outcome(const ObjectReader& r, std::string_view kind) {
  OutcomeEntry e{r.count("s"),
                 r.direction(),
                 r.count("n"),
                 r.outcome(kind),
                 r.step_state("to"),
                 !r.has("uncounted"),
                 {},
                 {},
                 {},
                 {}};
  if (e.outcome == Outcome::done) e.result = r.json("r");
  e.error_class = r.text("class");
  e.error = r.text("error");
  e.wake_at = r.find_time("wake");
  e.answered = !r.has("unanswered");
  return e;
}

Entry read_saga(const ObjectReader& r) {
  const auto to = find_saga_state(r.text("to"));
  if (!to) throw BadEntry("'to' is no saga state");
  SagaEntry e{*to, {}, r.text("class"), r.text("error")};
  if (r.has("s")) e.step = r.count("s");
  return e;
}

Entry read_command(const ObjectReader& r) {
  const auto verb = find_verb(r.text("verb"));
  if (!verb) throw BadEntry("'verb' is no command");
  CommandEntry e{r.text("id"), *verb, r.text("actor"), r.text("reason"), r.text("answer"), {}, {}};
  if (!r.has("s")) return e;
  e.step = r.count("s");
  e.direction = r.direction();
  return e;
}

Entry read_step(const ObjectReader& r) {
  StepEntry e{r.count("s"), r.step_state("to"), {}, r.text("class"), r.text("error")};
  if (r.has("r")) e.result = r.json("r");
  e.in_doubt = r.has("doubt");
  return e;
}

Entry read_entry(const Json& object) {
  const ObjectReader r(object);
  const std::string kind = r.text("e");
  if (kind == "started")
    return StartedEntry{r.text("plan"), r.text("shape"), r.count("steps"),
                        r.time("at"),   r.text("key"),   r.json("input")};
  if (kind == "prepared") return read_prepared(r);
  if (kind == "attempt")
    return AttemptEntry{r.count("s"), r.direction(), r.count("n"), r.time("at"), r.time("until")};
  if (kind == "late")
    return LateEntry{r.count("s"), r.direction(), r.count("n"), r.outcome(r.text("o")), r.text("class")};
  if (kind == "step") return read_step(r);
  if (kind == "again") return AgainEntry{r.count("s"), r.direction(), r.count("rev")};
  if (kind == "saga") return read_saga(r);
  if (kind == "command") return read_command(r);
  return read_outcome(r, kind);
}

}  // namespace

DecodedRow decode_row(std::string_view body) {
  if (auto plain = decode_plain(body)) return {std::move(*plain), {}};
  return decode_by_document(body);
}

DecodedRow decode_by_document(std::string_view body) {
  // A row holds what was let in by the front door, plus our own frame around it.
  ParsedJson parsed = parse_json(body, {.depth_max = 80, .bytes_max = std::size_t{64} << 20});
  if (!parsed.ok()) return {{}, std::move(parsed.error)};
  if (!parsed.value.is_array()) return {{}, "the row is not an array"};
  DecodedRow out;
  try {
    for (const Json& object : parsed.value) out.entries.push_back(read_entry(object));
  } catch (const BadEntry& bad) {
    return {{}, bad.what()};
  }
  return out;
}

}  // namespace amends::engine
