#include "engine/lifecycle/msm.hpp"
#include "engine/lifecycle/tables.hpp"

namespace amends::engine {
namespace {

using Pending = CodedState<StepState::pending>;
using Running = CodedState<StepState::running>;
using BackingOff = CodedState<StepState::backing_off>;
using Succeeded = CodedState<StepState::succeeded>;
using Rejected = CodedState<StepState::rejected>;
using Skipped = CodedState<StepState::skipped>;
using Undoing = CodedState<StepState::undoing>;
using Undone = CodedState<StepState::undone>;
using UndoEmpty = CodedState<StepState::undo_empty>;
using UndoFailed = CodedState<StepState::undo_failed>;
using UndoSkipped = CodedState<StepState::undo_skipped>;

using Attempt = CodedEvent<StepMove::attempt>;
using Succeed = CodedEvent<StepMove::succeed>;
using Refuse = CodedEvent<StepMove::refuse>;
using BackOff = CodedEvent<StepMove::back_off>;
using Stop = CodedEvent<StepMove::stop>;
using Skip = CodedEvent<StepMove::skip>;
using Undo = CodedEvent<StepMove::undo>;
using FinishUndo = CodedEvent<StepMove::finish_undo>;
using FindNothing = CodedEvent<StepMove::find_nothing>;
using FailUndo = CodedEvent<StepMove::fail_undo>;

using boost::msm::front::Row;

struct StepDefinition : boost::msm::front::state_machine_def<StepDefinition>, TableDefaults {
  using TableDefaults::no_transition;
  using initial_state = Pending;

  // clang-format off
  struct transition_table : boost::mpl::vector<
      //  from        what happens  to
      Row<Pending,    Attempt,      Running>,
      Row<Pending,    Refuse,       Rejected>,     // its request could not be prepared
      Row<Pending,    Skip,         Skipped>,      // by an operator
      Row<Running,    Succeed,      Succeeded>,
      Row<Running,    Refuse,       Rejected>,
      Row<Running,    BackOff,      BackingOff>,
      Row<Running,    Stop,         Skipped>,      // it surely did not happen, and compensation came first
      Row<BackingOff, Attempt,      Running>,
      Row<BackingOff, Stop,         Skipped>,
      Row<BackingOff, Undo,         Undoing>,      // its outcome is unknown: it is undone too
      Row<BackingOff, FailUndo,     UndoFailed>,   // and that undo could not be prepared
      Row<BackingOff, Succeed,      Succeeded>,    // resolved by an operator's evidence
      Row<BackingOff, Refuse,       Rejected>,     // resolved, or its attempts are spent
      Row<BackingOff, Skip,         Skipped>,      // by an operator
      Row<Rejected,   Attempt,      Running>,      // an operator's retry
      Row<Rejected,   Refuse,       Rejected>,     // the request of an operator's retry could not be prepared
      Row<Rejected,   Succeed,      Succeeded>,    // resolved
      Row<Rejected,   Skip,         Skipped>,      // by an operator
      Row<Succeeded,  Undo,         Undoing>,
      Row<Succeeded,  FailUndo,     UndoFailed>,   // the undo could not be prepared
      Row<Undoing,    Undo,         Undoing>,      // one more attempt
      Row<Undoing,    FinishUndo,   Undone>,
      Row<Undoing,    FindNothing,  UndoEmpty>,
      Row<Undoing,    FailUndo,     UndoFailed>,
      Row<UndoFailed, Undo,         Undoing>,      // an operator's retry
      Row<UndoFailed, FailUndo,     UndoFailed>,   // resolved as not having happened: it may be retried
      Row<UndoFailed, FinishUndo,   Undone>,       // resolved
      Row<UndoFailed, Skip,         UndoSkipped>   // by an operator: what the step did is left standing
  > {};
  // clang-format on
};

using Rows = Table<StepDefinition, StepState, step_states, StepMove>;

}  // namespace

struct StepTable::Impl {
  Rows rows;
};

StepTable::StepTable() : impl_(std::make_unique<Impl>()) {}
StepTable::~StepTable() = default;

std::optional<StepState> StepTable::next(StepState from, StepMove move) {
  Rows& rows = impl_->rows;
  switch (move) {
    case StepMove::attempt: return rows.fire<StepMove::attempt>(from);
    case StepMove::succeed: return rows.fire<StepMove::succeed>(from);
    case StepMove::refuse: return rows.fire<StepMove::refuse>(from);
    case StepMove::back_off: return rows.fire<StepMove::back_off>(from);
    case StepMove::stop: return rows.fire<StepMove::stop>(from);
    case StepMove::skip: return rows.fire<StepMove::skip>(from);
    case StepMove::undo: return rows.fire<StepMove::undo>(from);
    case StepMove::finish_undo: return rows.fire<StepMove::finish_undo>(from);
    case StepMove::find_nothing: return rows.fire<StepMove::find_nothing>(from);
    case StepMove::fail_undo: return rows.fire<StepMove::fail_undo>(from);
  }
  return std::nullopt;
}

const std::vector<std::uint64_t>& StepTable::taken() const {
  return impl_->rows.taken();
}

std::vector<Transition> StepTable::transitions() {
  std::vector<Transition> out;
  Rows::for_each_row([&](StepState from, StepMove move, StepState to) {
    out.push_back({"step", name_of(from), name_of(move), name_of(to)});
  });
  return out;
}

}  // namespace amends::engine
