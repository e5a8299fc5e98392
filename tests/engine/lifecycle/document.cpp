#include "tests/engine/lifecycle/document.hpp"

#include <map>

#include "engine/lifecycle/decide.hpp"

namespace amends::engine {
namespace {

constexpr const char* opening = R"(# The lifecycle of a saga

<!-- Generated: `cmake --build --preset debug --target generate_docs`. Edit tests/engine/lifecycle/document.cpp. -->

Everything that happens to a saga goes through one pure function, `decide(saga, plan, event)`: it gives the
entries to journal, the requests to prepare, the attempts to send once the entries are committed, and the timers
to set. Where a step or a saga may go stands in two Boost.MSM tables, `engine/lifecycle/saga_table.cpp` and
`engine/lifecycle/step_table.cpp`; this page is made out of them. A test fails when it is stale, and another when
no saga takes one of the rows.
)";

constexpr const char* rules = R"(
## The rules

**Four outcomes.** An attempt is `done` (the reply is journalled and the next steps are scheduled), `rejected`
(a business answer: it did not and will not happen), `transient` (it surely did not happen: back off and try
again) or `unknown` (it may have happened: try again with the same key). A result that does not fit the step's type is made
`unknown` (`reply_unfit`) before it becomes an event.

**A step's outcome is the join of its attempts.** After one `unknown` the step is in doubt. A later `transient`
clears no doubt. A later `rejected` clears it only where the participant itself answered and its
endpoint's idempotency is `key` or `barrier`;
elsewhere it speaks for its own attempt alone, and the step is undone although it was refused, its undo given no
result. A step in doubt is never sent again where the idempotency is `none`, nor later than `remembers` after the
first attempt of its key. A read changes nothing, so it is never in doubt.

**The wait between attempts** grows by the step's policy up to its `delay_max`, which also bounds the wish of a
participant (`Retry-After`).

**Attempts spent, or rejected:** before the point of no return the saga compensates, behind it an operator is
needed. An attempt that our own restart lost is `unknown`, not counted, and sent again at once; so is one
that was not durable before its time was over and so was not sent (`flushed_late`), which is `transient`.

**Late replies** of attempts that were decided already are journalled as `late` and never used.

**The point of no return** is the pivot, or the first retriable steps of a plan without one. It counts as passed
from its first journalled attempt, and as not passed again only when all its attempts are known not to have
happened. In between, `cancel` is `remembered`: it counts as soon as the point turns out not to have been passed.
Once it was passed, `cancel` is answered `too_late`. A pivot in doubt is asked again without a limit, or parked
where its participant cannot be asked; it is never undone.

**Lanes.** After one lane has failed, its neighbours schedule nothing and retry nothing. What is in flight is
awaited and, unless it surely did not happen, undone.

**Undo** goes in reversed happened-before order: a step is undone once everything that came after it is settled,
lanes side by side. An undo waits until every attempt of its step that nobody answered is past its Not-After,
unless a barrier refuses such an attempt or the participant knows its key already. An undo is retried by its own policy;
when that is spent, or it was refused, or its request cannot be prepared, the saga needs an operator, with the step and the
last error.

**What an author throws** counts as a refusal before the pivot; in an undo, or from the pivot on, it needs an
operator.

**Operators.** `retry` starts a step over: after a refusal with a new key and a new request, otherwise with the
same; it is refused while a refused step's earlier attempts are in doubt, where the participant no longer knows
the key, and for any forward step once compensation has begun. `skip` needs a reason, and is refused for what may
have happened and for a result that a later step uses. `resolve` needs evidence and says that a step or an undo
happened, or that it did not; while the saga goes on by itself it is taken only where an attempt in doubt waits to be
asked again. An undo that is skipped leaves its step `undo_skipped`: what it did still stands. A command may name a step
or its undo; without a name it is about the one that is stuck, else about the only one that waits. A saga that an
operator freed has no cause any more, or again the one that turned it back. `abandon` needs a reason, ends the saga and undoes nothing. A saga goes on once
nothing in it is stuck. A refused command leaves no entry.

**Terminal states absorb:** `completed`, `compensated` and `abandoned` are never left. `needs_operator` is at rest:
nothing is sent until an operator speaks, but replies and commands are journalled.
)";

const std::map<std::string_view, std::string_view>& meanings(std::string_view machine) {
  static const std::map<std::string_view, std::string_view> saga{
      {"finish", "every step succeeded or was skipped"},
      {"fail", "a step was refused or spent its attempts, and there is a way back"},
      {"cancel", "somebody cancelled, or a remembered cancel counts now"},
      {"get_stuck", "neither on nor back without a person"},
      {"resume", "an operator's command freed it on its way forward"},
      {"resume_undo", "an operator's command freed it on its way back"},
      {"finish_undo", "nothing stands any more"},
      {"abandon", "an operator ended it, undoing nothing"},
  };
  static const std::map<std::string_view, std::string_view> step{
      {"attempt", "its request is about to be sent"},
      {"succeed", "it is done, or an operator knows that it is"},
      {"refuse", "it did not happen: refused, attempts spent, request not prepared, or an operator knows"},
      {"back_off", "it is tried again later, or waits for its undo or an operator"},
      {"stop", "compensation came before it happened"},
      {"skip", "an operator passed it over"},
      {"undo", "its undo is about to be sent, or sent again"},
      {"finish_undo", "its undo is done, or an operator knows that it is"},
      {"find_nothing", "the barrier says that there was nothing to undo"},
      {"fail_undo",
       "its undo was refused, spent its attempts, could not be prepared, or is known not to have happened"},
  };
  return machine == "saga" ? saga : step;
}

void append_machine(std::string& out, std::string_view machine, std::string_view initial) {
  out += "\n```mermaid\nstateDiagram-v2\n  [*] --> " + std::string(initial) + "\n";
  for (const Transition& row : Lifecycle::transitions())
    if (row.machine == machine)
      out +=
          "  " + std::string(row.from) + " --> " + std::string(row.to) + ": " + std::string(row.event) + "\n";
  if (machine == "saga")
    for (const SagaState s : {SagaState::completed, SagaState::compensated, SagaState::abandoned})
      out += "  " + std::string(name_of(s)) + " --> [*]\n";
  out += "```\n\n| from | what happens | to |\n|---|---|---|\n";
  for (const Transition& row : Lifecycle::transitions())
    if (row.machine == machine)
      out += "| `" + std::string(row.from) + "` | " + std::string(row.event) + " | `" + std::string(row.to) +
             "` |\n";
  out += "\n| what happens | that is |\n|---|---|\n";
  for (const auto& [event, meaning] : meanings(machine))
    out += "| " + std::string(event) + " | " + std::string(meaning) + " |\n";
}

}  // namespace

std::string lifecycle_document() {
  std::string out = opening;
  out += "\n## A saga\n";
  append_machine(out, "saga", "running");
  out += "\n## A step\n";
  append_machine(out, "step", "pending");
  out += rules;
  return out;
}

}  // namespace amends::engine
