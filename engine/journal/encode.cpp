#include <charconv>
#include <cstring>

#include "engine/base/json.hpp"
#include "engine/journal/entry.hpp"
#include "engine/journal/field.hpp"

namespace amends::engine {
namespace {

// Writes one object by hand: this runs for every transition, and a DOM costs more than the transition itself.
class ObjectWriter {
 public:
  ObjectWriter(std::string& out, std::string_view kind) : out_(out) {
    out_ += R"({"e":")";
    out_ += kind;
    out_ += '"';
  }
  ~ObjectWriter() { out_ += '}'; }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  void number(const Field& field, std::int64_t value) {
    char digits[40];
    std::memcpy(digits, field.bytes, sizeof field.bytes);
    const auto end = std::to_chars(digits + field.size, digits + sizeof digits, value).ptr;
    out_.append(digits, end);
  }
  void time(const Field& field, WallTime value) { number(field, to_micros(value)); }
  void json(const Field& field, std::string_view canonical_text) {
    name(field);
    out_ += canonical_text;
  }
  // Names of ours need no escaping; everything else does.
  void word(const Field& field, std::string_view value) {
    name(field);
    out_ += '"';
    out_ += value;
    out_ += '"';
  }
  void text(const Field& field, const std::string& value) {
    if (value.empty()) return;
    name(field);
    append_string(out_, value);
  }
  void leg(StepIndex step, Direction direction) {
    number("s", step);
    if (direction == Direction::undo) word("d", "undo");
  }

 private:
  void name(const Field& field) { out_.append(field.bytes, field.size); }
  std::string& out_;
};

struct Encoder {
  std::string& out;

  void operator()(const StartedEntry& e) const {
    ObjectWriter w(out, "started");
    w.text("plan", e.plan_id);
    w.text("shape", e.shape);
    w.number("steps", e.step_count);
    w.time("at", e.at);
    w.text("key", e.key);
    w.json("input", e.input);
  }
  void operator()(const PreparedEntry& e) const {
    ObjectWriter w(out, "prepared");
    w.leg(e.step, e.direction);
    if (e.revision != 1) w.number("rev", e.revision);
    w.text("adapter", e.request->adapter);
    w.text("endpoint", e.request->endpoint);
    w.json("body", e.request->body);
    w.word("idem", name_of(e.facts.idempotency));
    if (e.facts.remembers != Millis(0)) w.number("remembers", e.facts.remembers.count());
  }
  void operator()(const AttemptEntry& e) const {
    ObjectWriter w(out, "attempt");
    w.leg(e.step, e.direction);
    w.number("n", e.number);
    w.time("at", e.at);
    w.time("until", e.not_after);
  }
  void operator()(const OutcomeEntry& e) const {
    ObjectWriter w(out, name_of(e.outcome));
    w.leg(e.step, e.direction);
    w.number("n", e.number);
    w.word("to", name_of(e.to));
    if (!e.counted) w.number("uncounted", 1);
    if (e.outcome == Outcome::done) w.json("r", e.result);
    w.text("class", e.error_class);
    w.text("error", e.error);
    if (e.wake_at) w.time("wake", *e.wake_at);
    if (!e.answered) w.number("unanswered", 1);
  }
  void operator()(const LateEntry& e) const {
    ObjectWriter w(out, "late");
    w.leg(e.step, e.direction);
    w.number("n", e.number);
    w.word("o", name_of(e.outcome));
    w.text("class", e.error_class);
  }
  void operator()(const StepEntry& e) const {
    ObjectWriter w(out, "step");
    w.number("s", e.step);
    w.word("to", name_of(e.to));
    if (e.result) w.json("r", *e.result);
    w.text("class", e.error_class);
    w.text("error", e.error);
    if (e.in_doubt) w.number("doubt", 1);
  }
  void operator()(const AgainEntry& e) const {
    ObjectWriter w(out, "again");
    w.leg(e.step, e.direction);
    w.number("rev", e.revision);
  }
  void operator()(const SagaEntry& e) const {
    ObjectWriter w(out, "saga");
    w.word("to", name_of(e.to));
    if (e.step) w.number("s", *e.step);
    w.text("class", e.error_class);
    w.text("error", e.error);
  }
  void operator()(const CommandEntry& e) const {
    ObjectWriter w(out, "command");
    w.word("verb", name_of(e.verb));
    w.text("id", e.command_id);
    w.text("actor", e.actor);
    w.text("reason", e.reason);
    w.text("answer", e.answer);
    if (e.step) w.leg(*e.step, e.direction);
  }
};

}  // namespace

void encode(const Entry& entry, std::string& out) {
  std::visit(Encoder{out}, entry);
}

std::string encode_row(const Entries& entries) {
  std::string out = "[";
  for (const Entry& entry : entries) {
    if (out.size() > 1) out += ',';
    encode(entry, out);
  }
  return out += ']';
}

}  // namespace amends::engine
