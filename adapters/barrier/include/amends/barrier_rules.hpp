// The barrier's rules: what becomes of a call, given what is kept about its step. No database here;
// barrier.hpp is the barrier over SQLite, and docs/barrier.md tells the algorithm.
#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace amends {

enum class BarrierDirection : std::uint8_t { run, undo };

struct BarrierCall {
  std::string saga;
  std::string step;
  BarrierDirection direction = BarrierDirection::run;
  std::int64_t revision = 1;                   // last part of the key; an operator's amend or retry raises it
  std::optional<std::int64_t> not_after_ms{};  // ms since 1970 UTC; a call that comes later is not executed
};

// Takes "{saga}/{step}/{run|undo}/{revision}" apart, as it stands in Idempotency-Key.
inline std::optional<BarrierCall> parse_barrier_key(std::string_view key) {
  const auto take_last = [&key]() -> std::string_view {
    const auto slash = key.rfind('/');
    if (slash == key.npos) return {};
    const auto part = key.substr(slash + 1);
    key = key.substr(0, slash);
    return part;
  };
  const auto revision = take_last(), direction = take_last(), step = take_last();
  BarrierCall call{.saga = std::string(key), .step = std::string(step)};
  const auto* end = revision.data() + revision.size();
  const auto number = std::from_chars(revision.data(), end, call.revision);
  if (revision.empty() || number.ec != std::errc() || number.ptr != end || call.revision < 1) return {};
  if (call.saga.empty() || call.step.empty() || (direction != "run" && direction != "undo")) return {};
  call.direction = direction == "run" ? BarrierDirection::run : BarrierDirection::undo;
  return call;
}

// What the business says: it happened, or it refuses. Both are kept, and both are what a duplicate hears.
struct BarrierAnswer {
  bool rejected = false;  // what the work wrote is rolled back, so a refusal leaves nothing behind
  int status = 200;
  std::string body = "null";

  bool operator==(const BarrierAnswer&) const = default;
};

enum class BarrierCode : std::uint8_t {
  applied,     // the work ran now; its answer may be a rejection
  replayed,    // it ran before: `answer` is the first answer
  empty_undo,  // the step had never happened, and now never will; nothing was run, this time and on a replay
  fenced,      // a run after its undo, or an older revision than one already seen: nothing was run
  expired,     // not_after had passed: nothing was run or stored
};

inline std::string_view name_of(BarrierCode code) {
  switch (code) {
    case BarrierCode::applied: return "applied";
    case BarrierCode::replayed: return "replayed";
    case BarrierCode::empty_undo: return "empty_undo";
    case BarrierCode::fenced: return "fenced";
    case BarrierCode::expired: return "expired";
  }
  return "";
}

struct BarrierResult {
  BarrierCode code = BarrierCode::applied;
  BarrierAnswer answer;
};

// What is kept about one step: feed it every row of (saga, step), in any order.
struct BarrierSeen {
  void add(const BarrierCall& call, std::string_view direction, std::int64_t revision, std::string_view code,
           BarrierAnswer answer) {
    answer.rejected = code == "rejected";
    const bool is_undo = direction == "undo";
    if (is_undo == (call.direction == BarrierDirection::undo)) {
      if (revision > revision_max) revision_max = revision;
      if (revision == call.revision) same = answer;
    }
    if (answer.rejected) return;
    if (is_undo) undo_was_empty = code == "empty_undo";
    (is_undo ? undo : run) = std::move(answer);
  }

  std::optional<BarrierAnswer> run;   // the run that was applied, whatever its revision
  std::optional<BarrierAnswer> undo;  // the undo that was applied or found nothing to undo
  bool undo_was_empty = false;
  std::optional<BarrierAnswer> same;  // this direction and revision
  std::int64_t revision_max = 0;      // of this direction
};

enum class BarrierVerdict : std::uint8_t {
  answer,  // `out` is the answer, and nothing is written
  keep,    // `out` is the answer, and is to be kept
  work,    // do the work, and keep what it answers
};

// The whole algorithm.
inline BarrierVerdict decide_barrier(const BarrierCall& call, const BarrierSeen& seen, std::int64_t now_ms,
                                     BarrierResult& out) {
  const bool undo = call.direction == BarrierDirection::undo;
  const auto replay = [&out](const BarrierAnswer& first) {
    out = {BarrierCode::replayed, first};
    return BarrierVerdict::answer;
  };
  const auto refuse = [&out](BarrierCode code, const char* sentence) {
    out = {code, {true, 409, std::string("{\"detail\":\"") + sentence + "\"}"}};
    return BarrierVerdict::answer;
  };
  if (!undo && seen.undo) return refuse(BarrierCode::fenced, "the step was undone before this call came");
  if (undo && seen.undo && seen.undo_was_empty) {
    out = {BarrierCode::empty_undo, *seen.undo};
    return BarrierVerdict::answer;
  }
  if (seen.same) return replay(*seen.same);
  if (const auto& applied = undo ? seen.undo : seen.run) return replay(*applied);
  if (call.revision < seen.revision_max)
    return refuse(BarrierCode::fenced, "a later revision of the step came before this call");
  if (call.not_after_ms && now_ms > *call.not_after_ms)
    return refuse(BarrierCode::expired, "the call came after its Amends-Not-After");
  if (undo && !seen.run) {
    out = {BarrierCode::empty_undo, {}};
    return BarrierVerdict::keep;
  }
  return BarrierVerdict::work;
}

// The `code` that a kept answer has in its row.
inline std::string_view kept_code(const BarrierResult& result) {
  return result.answer.rejected ? "rejected" : name_of(result.code);
}

}  // namespace amends
