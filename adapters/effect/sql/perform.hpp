// One attempt on one connection: the barrier, the statements, the commit, and what came of it.
#pragma once
#include "adapters/effect/sql/session.hpp"
#include "engine/ports/effect.hpp"

namespace amends::sql {

struct Performed {
  engine::Reply reply;
  Phase phase = Phase::commit;  // how far it came when it failed
  bool lost = false;            // the connection broke
  bool is_loud = false;
};

// Never throws. Blocks until the bounds at most, or for as long as the disk takes for a commit in SQLite.
Performed perform(Session& session, const SqlEndpoint& endpoint, const engine::Attempt& attempt,
                  const RequestData& request, const Bounds& bounds);

// What an attempt is answered that failed before or without a session.
Performed performed(Dialect dialect, const Failure& failure);

}  // namespace amends::sql
