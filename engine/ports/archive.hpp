// Where finished sagas are kept once they have left the store.
#pragma once
#include <string>
#include <vector>

#include "engine/ports/retention.hpp"

namespace amends::engine {

// One thread.
class Archive {
 public:
  virtual ~Archive() = default;
  // Durable when it returns an empty text. Else it is one sentence, and the same sagas will come again; so
  // they do after a crash, also when they were written.
  virtual std::string append(const std::vector<EndedSaga>& sagas, WallTime now) = 0;
};

}  // namespace amends::engine
