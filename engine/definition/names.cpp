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

std::optional<Idempotency> find_idempotency(std::string_view name) {
  for (const Idempotency i :
       {Idempotency::key, Idempotency::barrier, Idempotency::natural, Idempotency::none})
    if (name_of(i) == name) return i;
  return std::nullopt;
}

std::optional<Outcome> find_outcome(std::string_view name) {
  for (const Outcome o : {Outcome::done, Outcome::rejected, Outcome::transient, Outcome::unknown})
    if (name_of(o) == name) return o;
  return std::nullopt;
}

}  // namespace amends::engine
