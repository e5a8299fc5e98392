#include "engine/lifecycle/tables.hpp"

namespace amends::engine {

std::string_view name_of(StepMove move) {
  switch (move) {
    case StepMove::attempt: return "attempt";
    case StepMove::succeed: return "succeed";
    case StepMove::refuse: return "refuse";
    case StepMove::back_off: return "back_off";
    case StepMove::stop: return "stop";
    case StepMove::skip: return "skip";
    case StepMove::undo: return "undo";
    case StepMove::finish_undo: return "finish_undo";
    case StepMove::find_nothing: return "find_nothing";
    case StepMove::fail_undo: return "fail_undo";
  }
  return "?";
}

std::string_view name_of(SagaMove move) {
  switch (move) {
    case SagaMove::finish: return "finish";
    case SagaMove::fail: return "fail";
    case SagaMove::cancel: return "cancel";
    case SagaMove::get_stuck: return "get_stuck";
    case SagaMove::resume: return "resume";
    case SagaMove::resume_undo: return "resume_undo";
    case SagaMove::finish_undo: return "finish_undo";
    case SagaMove::abandon: return "abandon";
  }
  return "?";
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::accepted: return "accepted";
    case Verdict::remembered: return "remembered";
    case Verdict::too_late: return "too_late";
    case Verdict::refused: return "refused";
  }
  return "?";
}

}  // namespace amends::engine
