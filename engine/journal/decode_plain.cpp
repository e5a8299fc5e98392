#include "engine/journal/decode_plain.hpp"

#include <limits>

#include "engine/base/plain_json.hpp"
#include "engine/journal/bounds.hpp"
#include "engine/journal/field.hpp"

namespace amends::engine {
namespace {

// Reads the fields of one object in the order in which they are written.
class FieldReader {
 public:
  explicit FieldReader(PlainReader& reader) : r_(reader) {}

  bool has(const Field& field) { return r_.take(field.text()); }
  // A 1 or nothing.
  bool mark(const Field& field, bool& out) { return !has(field) || (out = r_.take("1")); }
  // These leave `out` as it is where the field is not there.
  bool find_number(const Field& field, std::int64_t& out) { return !has(field) || r_.integer(out); }
  bool find_count(const Field& field, std::uint32_t& out) { return !has(field) || count(out); }
  bool find_count(const Field& field, std::optional<std::uint32_t>& out) {
    return !has(field) || count(out.emplace());
  }
  bool find_time(const Field& field, std::optional<WallTime>& out) {
    return !has(field) || time(out.emplace());
  }
  bool find_json(const Field& field, std::optional<std::string>& out) {
    return !has(field) || json(out.emplace());
  }
  bool count(const Field& field, std::uint32_t& out) { return has(field) && count(out); }
  bool time(const Field& field, WallTime& out) { return has(field) && time(out); }
  // Nothing where it is empty.
  bool text(const Field& field, std::string& out) {
    std::string_view found;
    if (!has(field)) return true;
    if (!r_.string(found)) return false;
    out = found;
    return true;
  }
  bool json(const Field& field, std::string& out) { return has(field) && json(out); }
  bool leg(StepIndex& step, Direction& direction) { return count("s", step) && find_direction(direction); }
  bool find_direction(Direction& out) {
    if (!has("d")) return true;
    out = Direction::undo;
    return r_.take(R"("undo")");
  }
  template <class Find, class E>
  bool one_of(const Field& field, Find find, E& out) {
    std::string_view name;
    if (!has(field) || !r_.string(name)) return false;
    const auto found = find(name);
    if (found) out = *found;
    return found.has_value();
  }

 private:
  bool count(std::uint32_t& out) {
    std::int64_t n = 0;
    if (!r_.integer(n) || n < 0 || n > std::numeric_limits<std::uint32_t>::max()) return false;
    out = static_cast<std::uint32_t>(n);
    return true;
  }
  bool time(WallTime& out) {
    std::int64_t micros = 0;
    if (!r_.integer(micros) || micros < -time_micros_max || micros > time_micros_max) return false;
    out = from_micros(micros);
    return true;
  }
  bool json(std::string& out) {
    std::string_view found;
    if (!r_.value(found)) return false;
    out = found;
    return true;
  }

  PlainReader& r_;
};

bool read(FieldReader r, StartedEntry& e) {
  return r.text("plan", e.plan_id) && r.text("shape", e.shape) && r.count("steps", e.step_count) &&
         r.time("at", e.at) && r.text("key", e.key) && r.json("input", e.input);
}

bool read(FieldReader r, PreparedEntry& e) {
  auto request = std::make_shared<Request>();
  std::int64_t remembers = 0;
  const bool good =
      r.leg(e.step, e.direction) && r.find_count("rev", e.revision) && r.text("adapter", request->adapter) &&
      r.text("endpoint", request->endpoint) && r.json("body", request->body) &&
      r.one_of("idem", find_idempotency, e.facts.idempotency) && r.find_number("remembers", remembers);
  if (!good || remembers < 0 || remembers > remembers_max.count()) return false;
  e.facts.remembers = Millis(remembers);
  e.request = std::move(request);
  return true;
}

bool read(FieldReader r, AttemptEntry& e) {
  return r.leg(e.step, e.direction) && r.count("n", e.number) && r.time("at", e.at) &&
         r.time("until", e.not_after);
}

bool read(FieldReader r, OutcomeEntry& e) {
  bool uncounted = false, unanswered = false;
  const bool good = r.leg(e.step, e.direction) && r.count("n", e.number) &&
                    r.one_of("to", find_step_state, e.to) && r.mark("uncounted", uncounted) &&
                    (e.outcome != Outcome::done || r.json("r", e.result)) && r.text("class", e.error_class) &&
                    r.text("error", e.error) && r.find_time("wake", e.wake_at) &&
                    r.mark("unanswered", unanswered);
  e.counted = !uncounted;
  e.answered = !unanswered;
  return good;
}

bool read(FieldReader r, LateEntry& e) {
  return r.leg(e.step, e.direction) && r.count("n", e.number) && r.one_of("o", find_outcome, e.outcome) &&
         r.text("class", e.error_class);
}

bool read(FieldReader r, StepEntry& e) {
  return r.count("s", e.step) && r.one_of("to", find_step_state, e.to) && r.find_json("r", e.result) &&
         r.text("class", e.error_class) && r.text("error", e.error) && r.mark("doubt", e.in_doubt);
}

bool read(FieldReader r, AgainEntry& e) {
  return r.leg(e.step, e.direction) && r.count("rev", e.revision);
}

bool read(FieldReader r, SagaEntry& e) {
  return r.one_of("to", find_saga_state, e.to) && r.find_count("s", e.step) &&
         r.text("class", e.error_class) && r.text("error", e.error);
}

bool read(FieldReader r, CommandEntry& e) {
  return r.one_of("verb", find_verb, e.verb) && r.text("id", e.command_id) && r.text("actor", e.actor) &&
         r.text("reason", e.reason) && r.text("answer", e.answer) && r.find_count("s", e.step) &&
         (!e.step || r.find_direction(e.direction));
}

template <class E>
std::optional<Entry> entry(FieldReader r, E e) {
  return read(r, e) ? std::optional<Entry>(std::move(e)) : std::nullopt;
}

std::optional<Entry> read_entry(PlainReader& reader) {
  std::string_view kind;
  if (!reader.take(R"({"e":)") || !reader.string(kind)) return std::nullopt;
  const FieldReader r(reader);
  if (const auto outcome = find_outcome(kind)) {
    OutcomeEntry e;
    e.outcome = *outcome;
    return entry(r, std::move(e));
  }
  if (kind == "attempt") return entry(r, AttemptEntry{});
  if (kind == "prepared") return entry(r, PreparedEntry{});
  if (kind == "started") return entry(r, StartedEntry{});
  if (kind == "saga") return entry(r, SagaEntry{});
  if (kind == "step") return entry(r, StepEntry{});
  if (kind == "late") return entry(r, LateEntry{});
  if (kind == "command") return entry(r, CommandEntry{});
  if (kind == "again") return entry(r, AgainEntry{});
  return std::nullopt;
}

}  // namespace

std::optional<Entries> decode_plain(std::string_view body) {
  PlainReader reader(body);
  Entries out;
  if (!reader.take("[")) return std::nullopt;
  do {
    std::optional<Entry> next = read_entry(reader);
    if (!next || !reader.take("}")) return std::nullopt;
    out.push_back(std::move(*next));
  } while (reader.take(","));
  if (!reader.take("]") || !reader.at_end()) return std::nullopt;
  return out;
}

}  // namespace amends::engine
