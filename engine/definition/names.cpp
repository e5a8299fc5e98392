#include "engine/definition/outcome.hpp"
#include "engine/definition/request.hpp"

namespace amends::engine {

std::string_view name_of(Direction direction) {
  return direction == Direction::run ? "run" : "undo";
}

std::string_view name_of(Idempotency idempotency) {
  switch (idempotency) {
    case Idempotency::key: return "key";
    case Idempotency::barrier: return "barrier";
    case Idempotency::natural: return "natural";
    case Idempotency::none: return "none";
  }
  return "?";
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done: return "done";
    case Outcome::rejected: return "rejected";
    case Outcome::transient: return "transient";
    case Outcome::unknown: return "unknown";
  }
  return "?";
}

}  // namespace amends::engine
