#include "tests/engine/journal/document.hpp"

namespace amends::engine {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

const WallTime at = from_micros(1'700'000'000'000'000);

constexpr const char* opening = R"(# The journal

<!-- Generated: `cmake --build --preset debug --target generate_docs`. Edit tests/engine/journal/document.cpp. -->

A saga is the fold of its journal. One row holds what one decision came to: a JSON array of entries, in the order
in which they hold, without blanks. An entry names the state that a step or the saga is in after it, so folding
needs neither the plan nor the tables that decided. Rows of a saga are numbered from 1 without a gap; a row that
is not exactly of this form is not used at all, and neither is the saga until somebody has looked.

Every entry is an object whose `e` names its kind. Common fields: `s` is the step's position in the plan, from 0;
`d` is `"undo"` for the undo of a step and absent for its run; `n` is the attempt's number, from 1, over all
revisions and restarts of that run or undo. Times are microseconds since 1970-01-01 UTC. Texts are clean UTF-8 and
absent when empty; `class` is a short stable name of an error, at most 64 bytes, and `error` a sentence of at most
4096 bytes for people.
)";

DocumentedEntry started() {
  return {"started",
          "The saga exists; always the first entry of the first row, and never again.",
          {{"plan", "name and version of its plan"},
           {"shape", "the plan's fingerprint, SHA-256 in hex"},
           {"steps", "how many steps the plan has"},
           {"at", "when"},
           {"key", "the client's key, if it gave one"},
           {"input", "the input, canonical JSON"}},
          StartedEntry{"fulfil-order@1", "5f15c0", 5, at, "order-1017", R"({"amount":1250,"sku":"A-7"})"}};
}

DocumentedEntry prepared() {
  return {"prepared",
          "The request that all attempts of this revision send, byte for byte.",
          {{"s", ""},
           {"d", ""},
           {"rev", "the revision, absent for the first"},
           {"adapter", "who sends it"},
           {"endpoint", "the configured name"},
           {"body", "the request"},
           {"idem", "the endpoint's idempotency: key, barrier, natural or none"},
           {"remembers", "for how many ms the participant knows a key; absent for ever"}},
          PreparedEntry{0,
                        Direction::run,
                        1,
                        std::make_shared<const Request>(
                            Request{"http", "inventory", R"({"method":"POST","path":"/reservations"})"}),
                        {Idempotency::barrier, Millis(86'400'000)}}};
}

DocumentedEntry attempt() {
  return {"attempt",
          "The intent to send, committed before the first byte leaves. The step is `running` or `undoing`.",
          {{"s", ""},
           {"d", ""},
           {"n", ""},
           {"at", "when it was decided"},
           {"until", "its Not-After: a participant with a barrier refuses it later"}},
          AttemptEntry{0, Direction::run, 1, at, at + Millis(5'000)}};
}

DocumentedEntry outcome() {
  return {
      "done, rejected, transient, unknown",
      "What an attempt came to; the kind is the outcome.",
      {{"s", ""},
       {"d", ""},
       {"n", ""},
       {"to", "the step's state after it"},
       {"uncounted", "1 for an attempt that our own restart lost or that was durable too late to be sent; it does not count against attempts_max"},
       {"r", "the result, canonical JSON, for done"},
       {"class", ""},
       {"error", ""},
       {"wake", "when it is tried again"},
       {"unanswered",
        "1 for a refusal that our own side made: it says nothing about earlier attempts, so a doubt stays"}},
      OutcomeEntry{0,
                   Direction::run,
                   1,
                   Outcome::unknown,
                   StepState::backing_off,
                   true,
                   {},
                   "timeout",
                   "no answer within 5 s",
                   at + Millis(5'180)}};
}

DocumentedEntry late() {
  return {"late",
          "A reply to an attempt that was decided already. Kept for people, never used.",
          {{"s", ""}, {"d", ""}, {"n", ""}, {"o", "the outcome it would have been"}, {"class", ""}},
          LateEntry{0, Direction::run, 1, Outcome::done, {}}};
}

DocumentedEntry step() {
  return {"step",
          "A step moved without a reply: its request could not be prepared, compensation stopped it, or an "
          "operator spoke.",
          {{"s", ""},
           {"to", "the step's state after it"},
           {"r", "the result that an operator gave"},
           {"class", ""},
           {"error", ""},
           {"doubt", "1 when an earlier attempt may still have happened; without it the doubt is over"}},
          StepEntry{2, StepState::skipped, {}, "skipped", "shipped by hand", false}};
}

DocumentedEntry again() {
  return {"again",
          "A run or undo starts over with a full count of attempts, after an operator's retry.",
          {{"s", ""}, {"d", ""}, {"rev", "a higher revision than before also means a new request and key"}},
          AgainEntry{2, Direction::run, 2}};
}

DocumentedEntry saga() {
  return {"saga",
          "The saga itself moved.",
          {{"to", "its state after it"},
           {"s", "the step that is the cause, if one is"},
           {"class", ""},
           {"error", ""}},
          SagaEntry{SagaState::compensating, 2, "http_402", "the card was refused"}};
}

DocumentedEntry command() {
  return {"command",
          "A command was accepted; it stands before what it caused.",
          {{"verb", "cancel, retry, skip, resolve or abandon"},
           {"id", "the command's id"},
           {"actor", "who"},
           {"reason", "why, or the evidence"},
           {"answer", "accepted or remembered"},
           {"s", "the step that it spoke about, for retry, skip and resolve"},
           {"d", "`\"undo\"` when it spoke about the step's undo"}},
          CommandEntry{"c-82", Verb::skip, "ann", "released by phone", "accepted", 2, Direction::undo}};
}

std::string explained(const std::pair<std::string, std::string>& field) {
  static const Fields common{{"s", "the step"},
                             {"d", "`\"undo\"` or absent"},
                             {"n", "the attempt's number"},
                             {"class", "the error's stable name"},
                             {"error", "the error's sentence"}};
  for (const auto& [name, meaning] : common)
    if (field.second.empty() && name == field.first) return meaning;
  return field.second;
}

}  // namespace

std::vector<DocumentedEntry> documented_entries() {
  return {started(), prepared(), attempt(), outcome(), late(), step(), again(), saga(), command()};
}

std::string journal_document() {
  std::string out = opening;
  for (const DocumentedEntry& entry : documented_entries()) {
    out += "\n## " + entry.name + "\n\n" + entry.meaning + "\n\n| field | |\n|---|---|\n";
    for (const auto& field : entry.fields) out += "| `" + field.first + "` | " + explained(field) + " |\n";
    out += "\n```json\n" + encode_row({entry.example}) + "\n```\n";
  }
  return out;
}

}  // namespace amends::engine
