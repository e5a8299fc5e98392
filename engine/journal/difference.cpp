#include "engine/journal/saga.hpp"

namespace amends::engine {
namespace {

std::string leg_difference(const Leg& a, const Leg& b) {
  if (a.attempts != b.attempts) return "attempts";
  if (a.spent != b.spent) return "spent";
  if (a.revision != b.revision) return "revision";
  if (a.in_flight != b.in_flight) return "in_flight";
  if (a.in_doubt != b.in_doubt) return "in_doubt";
  if (a.was_rejected != b.was_rejected) return "was_rejected";
  if (a.wake_at != b.wake_at) return "wake_at";
  if (a.first_sent != b.first_sent) return "first_sent";
  if (a.not_after != b.not_after) return "not_after";
  if (a.stray_until != b.stray_until) return "stray_until";
  if (a.facts != b.facts) return "facts";
  if (a.error_class != b.error_class || a.error != b.error) return "error";
  const bool same_request = a.request == b.request || (a.request && b.request && *a.request == *b.request);
  return same_request ? "" : "request";
}

}  // namespace

std::string difference(const Saga& a, const Saga& b) {
  if (a.id != b.id) return "id";
  if (a.plan_id != b.plan_id || a.shape != b.shape) return "plan";
  if (a.key != b.key) return "key";
  if (a.input != b.input) return "input";
  if (a.created_at != b.created_at || a.updated_at != b.updated_at) return "times";
  if (a.seq != b.seq) return "seq";
  if (a.state != b.state) return "state";
  if (a.unfinished != b.unfinished) return "unfinished";
  if (a.cause != b.cause) return "cause";
  if (a.origin != b.origin) return "origin";
  if (a.compensation_begun != b.compensation_begun) return "compensation_begun";
  if (a.cancel_command != b.cancel_command) return "cancel_command";
  if (a.steps.size() != b.steps.size()) return "steps";
  for (std::size_t i = 0; i < a.steps.size(); ++i) {
    const std::string where = "step " + std::to_string(i) + " ";
    if (a.steps[i].state != b.steps[i].state) return where + "state";
    if (a.steps[i].act != b.steps[i].act) return where + "act";
    if (a.steps[i].result != b.steps[i].result) return where + "result";
    const std::string run = leg_difference(a.steps[i].run, b.steps[i].run);
    if (!run.empty()) return where + "run " + run;
    const std::string undo = leg_difference(a.steps[i].undo, b.steps[i].undo);
    if (!undo.empty()) return where + "undo " + undo;
  }
  return {};
}

}  // namespace amends::engine
