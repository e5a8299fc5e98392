#include "engine/lifecycle/msm.hpp"
#include "engine/lifecycle/tables.hpp"

namespace amends::engine {
namespace {

using Running = CodedState<SagaState::running>;
using Compensating = CodedState<SagaState::compensating>;
using Completed = CodedState<SagaState::completed>;
using Compensated = CodedState<SagaState::compensated>;
using NeedsOperator = CodedState<SagaState::needs_operator>;
using Abandoned = CodedState<SagaState::abandoned>;

using Finish = CodedEvent<SagaMove::finish>;
using Fail = CodedEvent<SagaMove::fail>;
using Cancel = CodedEvent<SagaMove::cancel>;
using GetStuck = CodedEvent<SagaMove::get_stuck>;
using Resume = CodedEvent<SagaMove::resume>;
using ResumeUndo = CodedEvent<SagaMove::resume_undo>;
using FinishUndo = CodedEvent<SagaMove::finish_undo>;
using Abandon = CodedEvent<SagaMove::abandon>;

using boost::msm::front::Row;

struct SagaDefinition : boost::msm::front::state_machine_def<SagaDefinition>, TableDefaults {
  using TableDefaults::no_transition;
  using initial_state = Running;

  // clang-format off
  struct transition_table : boost::mpl::vector<
      //  from           what happens  to
      Row<Running,       Finish,       Completed>,
      Row<Running,       Fail,         Compensating>,   // a step was refused, or its attempts are spent
      Row<Running,       Cancel,       Compensating>,
      Row<Running,       GetStuck,     NeedsOperator>,  // neither on nor back without a person
      Row<Running,       Abandon,      Abandoned>,
      Row<Compensating,  FinishUndo,   Compensated>,
      Row<Compensating,  GetStuck,     NeedsOperator>,  // an undo failed
      Row<Compensating,  Abandon,      Abandoned>,
      Row<NeedsOperator, Resume,       Running>,
      Row<NeedsOperator, ResumeUndo,   Compensating>,
      Row<NeedsOperator, Fail,         Compensating>,   // the stuck step was resolved as not having happened
      Row<NeedsOperator, Cancel,       Compensating>,
      Row<NeedsOperator, Abandon,      Abandoned>
  > {};
  // clang-format on
};

using Rows = Table<SagaDefinition, SagaState, saga_states, SagaMove>;

}  // namespace

struct SagaTable::Impl {
  Rows rows;
};

SagaTable::SagaTable() : impl_(std::make_unique<Impl>()) {}
SagaTable::~SagaTable() = default;

std::optional<SagaState> SagaTable::next(SagaState from, SagaMove move) {
  Rows& rows = impl_->rows;
  switch (move) {
    case SagaMove::finish: return rows.fire<SagaMove::finish>(from);
    case SagaMove::fail: return rows.fire<SagaMove::fail>(from);
    case SagaMove::cancel: return rows.fire<SagaMove::cancel>(from);
    case SagaMove::get_stuck: return rows.fire<SagaMove::get_stuck>(from);
    case SagaMove::resume: return rows.fire<SagaMove::resume>(from);
    case SagaMove::resume_undo: return rows.fire<SagaMove::resume_undo>(from);
    case SagaMove::finish_undo: return rows.fire<SagaMove::finish_undo>(from);
    case SagaMove::abandon: return rows.fire<SagaMove::abandon>(from);
  }
  return std::nullopt;
}

const std::vector<std::uint64_t>& SagaTable::taken() const {
  return impl_->rows.taken();
}

std::vector<Transition> SagaTable::transitions() {
  std::vector<Transition> out;
  Rows::for_each_row([&](SagaState from, SagaMove move, SagaState to) {
    out.push_back({"saga", name_of(from), name_of(move), name_of(to)});
  });
  return out;
}

}  // namespace amends::engine
